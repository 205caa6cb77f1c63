package dev.hanse.control.decision;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NetworkCommand.RemoveNetwork;
import dev.hanse.control.command.NodeCommand;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.NodeCommand.IssueCertificate;
import dev.hanse.control.command.SecretCommand.CreateSecret;
import dev.hanse.control.command.SecretCommand.RemoveSecret;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.control.sim.World;
import dev.hanse.model.Annotations;
import dev.hanse.model.Certificate;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.FileTarget;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.Mount;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Platform;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.RootCA;
import dev.hanse.model.Secret;
import dev.hanse.model.SecretReference;
import dev.hanse.model.SecretSpec;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.store.Kind;
import dev.hanse.text.ImageName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, and in which words. */
class CommandsTest {
  private final World world = new World(3);
  private String manager = "";

  @BeforeEach
  void initialize() {
    manager = world.initialize();
    world.settle();
  }

  static Stream<Arguments> badSpecs() {
    return Stream.of(
        bad("meta: name must be provided", spec -> spec.getAnnotationsBuilder().setName("")),
        bad(
            "name must be valid as a DNS name component",
            spec -> spec.getAnnotationsBuilder().setName("web.shop")),
        bad(
            "name must be valid as a DNS name component",
            spec -> spec.getAnnotationsBuilder().setName("a-".repeat(5_000))),
        bad(
            "ContainerSpec: Hostname must not contain control characters",
            spec -> spec.getTaskBuilder().getContainerBuilder().setHostname("a\n127.0.0.1 db")),
        bad(
            "ContainerSpec: Hosts must not contain control characters",
            spec -> spec.getTaskBuilder().getContainerBuilder().addHosts("1.2.3.4 a\r5.6.7.8 b")),
        bad(
            "ContainerSpec: DNSConfig.Search must not contain control characters",
            spec ->
                spec.getTaskBuilder()
                    .getContainerBuilder()
                    .getDnsConfigBuilder()
                    .addSearch("a\nnameserver 1.2.3.4")),
        bad(
            "ContainerSpec: DNSConfig.Options must not contain control characters",
            spec ->
                spec.getTaskBuilder()
                    .getContainerBuilder()
                    .getDnsConfigBuilder()
                    .addOptions("ndots:1\nnameserver 1.2.3.4")),
        bad(
            "name must be 63 characters or fewer",
            spec -> spec.getAnnotationsBuilder().setName("a".repeat(64))),
        bad(
            "ContainerSpec: image reference must be provided",
            spec -> spec.getTaskBuilder().getContainerBuilder().setImage("")),
        bad(
            "ContainerSpec: \"Web:1\" is not a valid repository/tag",
            spec -> spec.getTaskBuilder().getContainerBuilder().setImage("Web:1")),
        bad("TaskSpec: missing runtime", spec -> spec.getTaskBuilder().clearContainer()),
        bad("Unrecognized service mode", ServiceSpec.Builder::clearReplicated),
        bad(
            "Maximum concurrent jobs must not be negative",
            spec -> spec.getReplicatedJobBuilder().setMaxConcurrent(-1)),
        bad(
            "Total completed jobs must not be negative",
            spec -> spec.getReplicatedJobBuilder().setTotalCompletions(-1)),
        bad(
            "Number of completed jobs must be at most 100000",
            spec -> spec.getReplicatedJobBuilder().setTotalCompletions(100_001)),
        bad(
            "Jobs may not have an update config",
            spec -> {
              spec.getReplicatedJobBuilder().setTotalCompletions(1);
              spec.getUpdateBuilder().setParallelism(1);
            }),
        bad(
            "Jobs may not have an update config",
            spec -> {
              spec.getGlobalJobBuilder();
              spec.getUpdateBuilder().setParallelism(1);
            }),
        bad(
            "Number of replicas must be non-negative",
            spec -> spec.getReplicatedBuilder().setReplicas(-1)),
        bad(
            "constraint expected one operator from ==, !=",
            spec -> spec.getTaskBuilder().getPlacementBuilder().addConstraints("node.role=x")),
        bad(
            "value '' is invalid",
            spec -> spec.getTaskBuilder().getPlacementBuilder().addConstraints("node.role==")),
        bad(
            "invalid cpu value 0.0000005: Must be at least 0.001",
            spec ->
                spec.getTaskBuilder().getResourcesBuilder().getLimitsBuilder().setNanoCpus(500)),
        bad(
            "invalid memory value 4096: Must be at least 4MiB",
            spec ->
                spec.getTaskBuilder()
                    .getResourcesBuilder()
                    .getReservationsBuilder()
                    .setMemoryBytes(4096)),
        bad(
            "TaskSpec: restart-delay cannot be negative",
            spec -> spec.getTaskBuilder().getRestartBuilder().getDelayBuilder().setSeconds(-1)),
        bad(
            "TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1",
            spec -> spec.getUpdateBuilder().setMaxFailureRatio(1.5f)),
        bad(
            "invalid bind mount source, must be an absolute path: data",
            spec -> mount(spec, Mount.Type.BIND, "data", "/data")),
        bad(
            "invalid mount config for type \"bind\": mount options conflict:"
                + " ReadOnlyNonRecursive && ReadOnlyForceRecursive",
            spec ->
                mount(spec, Mount.Type.BIND, "/data", "/data")
                    .setReadonly(true)
                    .getBindOptionsBuilder()
                    .setReadonlyforcerecursive(true)
                    .setReadonlynonrecursive(true)),
        bad(
            "invalid mount config for type \"bind\": option 'bind-recursive=readonly' requires"
                + " 'readonly' to be specified in conjunction",
            spec ->
                mount(spec, Mount.Type.BIND, "/data", "/data")
                    .getBindOptionsBuilder()
                    .setReadonlyforcerecursive(true)),
        bad(
            "invalid mount config for type \"bind\": option 'bind-recursive=readonly' requires"
                + " 'bind-propagation=rprivate' to be specified in conjunction",
            spec ->
                mount(spec, Mount.Type.BIND, "/data", "/data")
                    .setReadonly(true)
                    .getBindOptionsBuilder()
                    .setPropagation(Mount.BindOptions.Propagation.RSHARED)
                    .setReadonlyforcerecursive(true)),
        bad(
            "invalid mount target, must be an absolute path: data",
            spec -> mount(spec, Mount.Type.VOLUME, "data", "data")),
        bad(
            "invalid mount target, must be an absolute path: servicename",
            spec -> mount(spec, Mount.Type.VOLUME, "data", "{{.Service.Name}}")),
        bad(
            "expanding mounts failed: template: expansion:1: unclosed action",
            spec -> mount(spec, Mount.Type.VOLUME, "data-{{.Task.Slot", "/data")),
        bad(
            "expanding hostname failed: template: expansion:1:2: executing \"expansion\" at"
                + " <.Task.Labels>: can't evaluate field Labels in type struct { ID string; Name"
                + " string; Slot string }",
            spec -> spec.getTaskBuilder().getContainerBuilder().setHostname("{{.Task.Labels}}")),
        bad(
            "expanding env failed: template: expansion:1: function \"secret\" not defined",
            spec -> spec.getTaskBuilder().getContainerBuilder().addEnv("A={{secret \"x\"}}")),
        bad(
            "ContainerSpec: duplicate mount point: /data",
            spec -> {
              mount(spec, Mount.Type.VOLUME, "one", "/data");
              mount(spec, Mount.Type.TMPFS, "", "/data");
            }),
        bad(
            "ContainerSpec: the seccomp profile has 131073 bytes, at most 131072 are allowed",
            spec -> seccomp(spec, ContainerRules.SECCOMP_PROFILE_BYTES_MAX + 1)),
        bad(
            "ContainerSpec: Privileges.CredentialSpec is supported on Windows only, and no node of"
                + " the swarm runs Windows",
            spec ->
                spec.getTaskBuilder()
                    .getContainerBuilder()
                    .getPrivilegesBuilder()
                    .getCredentialSpecBuilder()
                    .setFile("web.json")),
        bad(
            "ContainerSpec: invalid Isolation: linux only supports 'default', and no node of the"
                + " swarm runs Windows",
            spec ->
                spec.getTaskBuilder()
                    .getContainerBuilder()
                    .setIsolation(ContainerSpec.Isolation.ISOLATION_HYPERV)),
        bad(
            "TaskSpec: LogDriver: unknown log opt 'maxsize' for json-file log driver",
            spec -> spec.getTaskBuilder().getLogDriverBuilder().putOptions("maxsize", "1m")),
        bad(
            "TaskSpec: LogDriver: invalid value for max-size: big",
            spec ->
                spec.getTaskBuilder()
                    .getLogDriverBuilder()
                    .setName("local")
                    .putOptions("max-size", "big")),
        bad(
            "invalid mount config for type \"volume\": DriverConfig: invalid option: \"disk\"",
            spec ->
                mount(spec, Mount.Type.VOLUME, "data", "/data")
                    .getVolumeOptionsBuilder()
                    .getDriverConfigBuilder()
                    .putOptions("disk", "sda")),
        bad(
            "EndpointSpec: duplicate published ports provided",
            spec -> {
              publish(spec, 8080, PublishMode.INGRESS);
              publish(spec, 8080, PublishMode.HOST);
            }),
        bad(
            "EndpointSpec: invalid published port 65536",
            spec -> publish(spec, 65_536, PublishMode.INGRESS)),
        bad(
            "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
            spec -> {
              publish(spec, 8080, PublishMode.INGRESS);
              spec.getEndpointBuilder().setMode(EndpointSpec.ResolutionMode.DNSRR);
            }),
        bad(
            "network nowhere not found",
            spec -> spec.getTaskBuilder().addNetworksBuilder().setTarget("nowhere")),
        bad(
            "Service cannot be explicitly attached to the ingress network \"ingress\"",
            spec -> spec.getTaskBuilder().addNetworksBuilder().setTarget("ingress")),
        bad(
            "secret not found: password",
            spec -> spec.getTaskBuilder().getContainerBuilder().addSecrets(secret("unknown"))),
        bad(
            "secret references 'password' and 'password' have a conflicting target: 'p'",
            spec ->
                spec.getTaskBuilder()
                    .getContainerBuilder()
                    .addSecrets(secret("a"))
                    .addSecrets(secret("b"))));
  }

  private static Arguments bad(String message, Consumer<ServiceSpec.Builder> change) {
    return Arguments.of(message, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badSpecs")
  void aBadSpecificationIsRefused(String message, Consumer<ServiceSpec.Builder> change) {
    ServiceSpec.Builder spec = spec("web");
    change.accept(spec);

    assertThat(world.refuse(new CreateService(spec.build())).message()).isEqualTo(message);
    assertThat(world.snapshot().size(Kind.SERVICE)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "busybox,true",
    "busybox:latest,true",
    "library/busybox:1.36,true",
    "localhost:5000/web:v1,true",
    "registry.example.com/a/b__c/d--e:1,true",
    "web@sha256:2172873ec84cebdeb94fd11b0f166dde62e02272e23fe61e5a30e61866b8ca10,true",
    "2172873ec84cebdeb94fd11b0f166dde62e02272e23fe61e5a30e61866b8ca10,false",
    "Busybox,false",
    "web:,false",
    "web:a b,false",
    "a//b,false",
    "-web,false",
    "web@sha256:abc,false"
  })
  void imageReferencesHaveTheirGrammar(String reference, boolean valid) {
    assertThat(ImageName.parse(reference) instanceof ImageName).isEqualTo(valid);
  }

  @Test
  void optionsOfDriversThatOnlyTheirNodesKnowAreTaken() {
    ServiceSpec.Builder spec = spec("web");
    spec.getTaskBuilder()
        .getLogDriverBuilder()
        .setName("syslog")
        .putOptions("syslog-address", "udp://192.0.2.1");
    mount(spec, Mount.Type.VOLUME, "one", "/one")
        .getVolumeOptionsBuilder()
        .getDriverConfigBuilder()
        .setName("sshfs")
        .putOptions("port", "22");
    mount(spec, Mount.Type.VOLUME, "two", "/two")
        .getVolumeOptionsBuilder()
        .getDriverConfigBuilder()
        .putOptions("type", "nfs");
    world.accept(new CreateService(spec.build()));
  }

  @Test
  void whatOnlyWindowsHasIsTakenAsSoonAsANodeRunsIt() {
    ServiceSpec.Builder spec = spec("web");
    spec.getTaskBuilder()
        .getContainerBuilder()
        .setIsolation(ContainerSpec.Isolation.ISOLATION_PROCESS);
    world.refuse(new CreateService(spec.build()));
    world.report(
        world.join(),
        NodeStatus.State.READY,
        Optional.of(
            NodeDescription.newBuilder()
                .setPlatform(Platform.newBuilder().setOs("windows"))
                .build()));
    world.accept(new CreateService(spec.build()));
  }

  @Test
  void anUpdateIsHeldToTheSameRules() {
    Service web = create(spec("web"));
    ServiceSpec.Builder changed = web.getSpec().toBuilder();
    changed.getTaskBuilder().getLogDriverBuilder().putOptions("maxsize", "1m");
    assertThat(world.refuse(update(web, changed)).message()).contains("unknown log opt 'maxsize'");
    changed = web.getSpec().toBuilder();
    changed
        .getTaskBuilder()
        .getContainerBuilder()
        .getPrivilegesBuilder()
        .getCredentialSpecBuilder()
        .setConfig("c");
    assertThat(world.refuse(update(web, changed)).message()).contains("CredentialSpec");
  }

  @Test
  void aNetworkWithoutIpv4IsRefused() {
    NetworkSpec.Builder spec = NetworkSpec.newBuilder();
    spec.getAnnotationsBuilder().setName("six");
    spec.getDriverConfigBuilder().putOptions("com.docker.network.enable_ipv4", "false");
    assertThat(world.refuse(new CreateNetwork(spec.build())).message())
        .isEqualTo("networks without IPv4 are not supported");
  }

  @Test
  void namesAreUniqueInAnyCase() {
    world.accept(new CreateService(spec("web").build()));

    assertThat(world.refuse(new CreateService(spec("WEB").build())))
        .isEqualTo(
            new Rejection.AlreadyExists(
                "name conflicts with an existing object: service WEB already exists"));
  }

  @Test
  void aStaleVersionIsRefused() {
    Service seen = create(spec("web"));
    world.accept(update(seen, seen.getSpec().toBuilder()));
    assertThat(world.refuse(update(seen, seen.getSpec().toBuilder())))
        .isEqualTo(new Rejection.FailedPrecondition("update out of sequence"));
  }

  @Test
  void modeAndNameOfAServiceStay() {
    Service web = create(spec("web"));
    ServiceSpec.Builder global = web.getSpec().toBuilder();
    global.getGlobalBuilder();
    ServiceSpec.Builder renamed = web.getSpec().toBuilder();
    renamed.getAnnotationsBuilder().setName("shop");

    assertThat(world.refuse(update(web, global)).message())
        .isEqualTo("service mode change is not allowed");
    assertThat(world.refuse(update(web, renamed)).message())
        .isEqualTo("renaming services is not supported");
  }

  @Test
  void aRollbackNeedsAPreviousSpecificationAndExchangesTheTwo() {
    Service web = create(spec("web"));
    UpdateService rollback = new UpdateService(web.getId(), version(web), web.getSpec(), true);
    assertThat(world.refuse(rollback).message())
        .isEqualTo("service " + web.getId() + " does not have a previous spec");

    ServiceSpec.Builder newer = web.getSpec().toBuilder();
    newer.getTaskBuilder().getContainerBuilder().setImage("web:2");
    world.accept(update(web, newer));
    Service updated = stored(web);
    world.accept(new UpdateService(web.getId(), version(updated), updated.getSpec(), true));

    Service back = stored(web);
    assertThat(back.getSpec()).isEqualTo(web.getSpec());
    assertThat(back.getPreviousSpec()).isEqualTo(updated.getSpec());
    assertThat(back.getUpdateStatus().getMessage()).isEqualTo("manually requested rollback");
  }

  @Test
  void a_job_is_run_by_each_write_of_its_specification() {
    ServiceSpec.Builder spec = spec("job");
    spec.getReplicatedJobBuilder().setMaxConcurrent(1).setTotalCompletions(1);
    Service job = create(spec);
    assertThat(job.getJobStatus().getJobIteration().getIndex()).isZero();
    assertThat(job.getJobStatus().hasLastExecution()).isTrue();

    world.run(Duration.ofSeconds(1));
    world.accept(update(stored(job), spec));
    Service again = stored(job);
    assertThat(again.getJobStatus().getJobIteration().getIndex()).isEqualTo(1);
    assertThat(Times.instant(again.getJobStatus().getLastExecution())).isEqualTo(world.now());

    world.accept(new UpdateService(job.getId(), version(again), again.getSpec(), true));
    Service back = stored(job);
    assertThat(back.getJobStatus().getJobIteration().getIndex()).isEqualTo(2);
    assertThat(back.hasUpdateStatus()).as("there is nothing to update").isFalse();
  }

  @Test
  void hostAndIngressPortsConflictButHostPortsDoNot() {
    create(publish(spec("ingress-port"), 8080, PublishMode.INGRESS));
    create(publish(spec("host-port"), 9090, PublishMode.HOST));
    create(publish(spec("host-port-too"), 9090, PublishMode.HOST));

    assertThat(
            world
                .refuse(new CreateService(publish(spec("web"), 8080, PublishMode.HOST).build()))
                .message())
        .matches(
            "port '8080' is already in use by service 'ingress-port' \\(\\w+\\) as an ingress"
                + " port");
    assertThat(
            world
                .refuse(new CreateService(publish(spec("web"), 9090, PublishMode.INGRESS).build()))
                .message())
        .matches(
            "port '9090' is already in use by service 'host-port\\S*' \\(\\w+\\) as a"
                + " host-published port");
  }

  @Test
  void aSecretInUseStays() {
    Secret secret =
        (Secret)
            world
                .accept(
                    new CreateSecret(
                        SecretSpec.newBuilder()
                            .setAnnotations(Annotations.newBuilder().setName("password"))
                            .setData(ByteString.copyFromUtf8("s3cret"))
                            .build()))
                .orElseThrow();
    ServiceSpec.Builder spec = spec("web");
    spec.getTaskBuilder().getContainerBuilder().addSecrets(secret(secret.getId()));
    create(spec);

    assertThat(world.refuse(new RemoveSecret(secret.getId())))
        .isEqualTo(
            new Rejection.Invalid("secret 'password' is in use by the following service: web"));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/33,,ipam configuration: invalid subnet 10.0.0.0/33",
    "10.300.0.0/16,,ipam configuration: invalid subnet 10.300.0.0/16",
    "127.0.0.0/16,,"
        + "ipam configuration: invalid subnet 127.0.0.0/16: 127.0.0.0/8 is reserved for loopback",
    "169.254.9.0/24,,"
        + "ipam configuration: invalid subnet 169.254.9.0/24: 169.254.0.0/16 is reserved for"
        + " link-local addresses",
    "239.1.0.0/16,,"
        + "ipam configuration: invalid subnet 239.1.0.0/16: 224.0.0.0/4 is reserved for multicast",
    "255.255.255.0/24,,"
        + "ipam configuration: invalid subnet 255.255.255.0/24: 240.0.0.0/4 is reserved for future"
        + " use and broadcast",
    "0.0.0.0/8,,ipam configuration: invalid subnet 0.0.0.0/8: 0.0.0.0/8 is reserved for this host",
    "10.9.0.0/24,10.8.0.1,"
        + "ipam configuration: subnet 10.9.0.0/24 does not contain gateway 10.8.0.1",
    "10.0.0.0/16,,invalid pool request: Pool overlaps with other one on this address space"
  })
  void aBadSubnetIsRefused(String subnet, String gateway, String message) {
    NetworkSpec.Builder spec =
        NetworkSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName("front"));
    var config = spec.getIpamBuilder().addConfigsBuilder().setSubnet(subnet);
    if (gateway != null) {
      config.setGateway(gateway);
    }

    assertThat(world.refuse(new CreateNetwork(spec.build())).message()).isEqualTo(message);
  }

  @Test
  void predefinedNetworksStay() {
    var host = world.snapshot().findByName(Kind.NETWORK, "host").orElseThrow();
    assertThat(world.refuse(new RemoveNetwork(host.getId())).message())
        .isEqualTo(
            "network %s (host) is a swarm predefined network and cannot be removed"
                .formatted(host.getId()));
  }

  @Test
  void aSecondInitializationIsRefused() {
    assertThat(
            world.refuse(
                new InitializeCluster(
                    "other",
                    ClusterSpec.getDefaultInstance(),
                    RootCA.getDefaultInstance(),
                    List.of(),
                    0,
                    0,
                    new FirstManager(
                        "n", Certificate.getDefaultInstance(), NodeSpec.Availability.ACTIVE))))
        .isInstanceOf(Rejection.AlreadyExists.class);
  }

  @Test
  void aClusterStartsWithDockersDefaults() {
    Cluster cluster = world.snapshot().cluster().orElseThrow();
    assertThat(cluster.getSpec().getOrchestration().getTaskHistoryRetentionLimit()).isEqualTo(5);
    assertThat(cluster.getSpec().getDispatcher().getHeartbeatPeriod().getSeconds()).isEqualTo(5);
    assertThat(cluster.getSpec().getCaConfig().getNodeCertExpiry().getSeconds())
        .isEqualTo(Duration.ofDays(90).toSeconds());
    assertThat(cluster.getDefaultAddressPoolList()).containsExactly("10.0.0.0/8");
    assertThat(cluster.getVXLANUDPPort()).isEqualTo(4789);
    assertThat(world.snapshot().ingressNetwork().orElseThrow().getIpam().getConfigs(0).getSubnet())
        .isEqualTo("10.0.0.0/24");
  }

  @Test
  void aCertificateForAnOldRequestIsNotStored() {
    Node node =
        (Node)
            world
                .accept(
                    new EnrollNode(
                        NodeRole.WORKER,
                        ByteString.copyFromUtf8("first"),
                        NodeSpec.Availability.ACTIVE))
                .orElseThrow();
    assertThat(node.getCertificate().getStatus().getState())
        .isEqualTo(IssuanceStatus.State.PENDING);
    world.accept(new NodeCommand.RenewCertificate(node.getId(), ByteString.copyFromUtf8("second")));

    assertThat(world.refuse(issue(node, "first")).message()).contains("has changed");
    world.accept(issue(node, "second"));
    Node issued = world.snapshot().find(Kind.NODE, node.getId()).orElseThrow();
    assertThat(issued.getCertificate().getStatus().getState())
        .isEqualTo(IssuanceStatus.State.ISSUED);
  }

  @Test
  void aTasksStateOnlyMovesForwardAndOnlyByItsNode() {
    create(spec("web"));
    world.run(Duration.ofSeconds(5));
    Task task = world.snapshot().all(Kind.TASK).iterator().next();
    assertThat(task.getStatus().getState()).isEqualTo(TaskState.RUNNING);

    report(manager, task, TaskState.PREPARING);
    report(manager, task, TaskState.ORPHANED);
    assertThat(world.snapshot().find(Kind.TASK, task.getId())).contains(task);
    assertThat(
            world.refuse(
                new UpdateTaskStatuses("stranger", List.of(status(task, TaskState.FAILED)))))
        .isEqualTo(new Rejection.PermissionDenied("cannot update a task not assigned this node"));

    report(manager, task, TaskState.FAILED);
    assertThat(world.snapshot().find(Kind.TASK, task.getId()).orElseThrow().getStatus().getState())
        .isEqualTo(TaskState.FAILED);
  }

  private void report(String nodeId, Task task, TaskState state) {
    world.accept(new UpdateTaskStatuses(nodeId, List.of(status(task, state))));
  }

  private static TaskStatusUpdate status(Task task, TaskState state) {
    return TaskStatusUpdate.newBuilder()
        .setTaskId(task.getId())
        .setStatus(TaskStatus.newBuilder().setState(state))
        .build();
  }

  private static IssueCertificate issue(Node node, String csr) {
    return new IssueCertificate(
        node.getId(),
        ByteString.copyFromUtf8(csr),
        NodeRole.WORKER,
        ByteString.copyFromUtf8("certificate"));
  }

  private Service create(ServiceSpec.Builder spec) {
    Message service = world.accept(new CreateService(spec.build())).orElseThrow();
    return stored((Service) service);
  }

  private Service stored(Service service) {
    return world.snapshot().find(Kind.SERVICE, service.getId()).orElseThrow();
  }

  private static long version(Service service) {
    return service.getMeta().getVersion().getIndex();
  }

  private static UpdateService update(Service seen, ServiceSpec.Builder spec) {
    return new UpdateService(seen.getId(), version(seen), spec.build(), false);
  }

  private static ServiceSpec.Builder spec(String name) {
    ServiceSpec.Builder spec =
        ServiceSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName(name));
    spec.getReplicatedBuilder().setReplicas(1);
    spec.getTaskBuilder().getContainerBuilder().setImage("web:1");
    return spec;
  }

  private static ServiceSpec.Builder publish(ServiceSpec.Builder spec, int port, PublishMode mode) {
    spec.getEndpointBuilder()
        .addPorts(
            PortConfig.newBuilder().setTargetPort(80).setPublishedPort(port).setPublishMode(mode));
    return spec;
  }

  private static void seccomp(ServiceSpec.Builder spec, int bytes) {
    spec.getTaskBuilder()
        .getContainerBuilder()
        .getPrivilegesBuilder()
        .getSeccompBuilder()
        .setProfile(ByteString.copyFrom(new byte[bytes]));
  }

  private static Mount.Builder mount(
      ServiceSpec.Builder spec, Mount.Type type, String source, String target) {
    return spec.getTaskBuilder()
        .getContainerBuilder()
        .addMountsBuilder()
        .setType(type)
        .setSource(source)
        .setTarget(target);
  }

  private static SecretReference secret(String id) {
    return SecretReference.newBuilder()
        .setSecretId(id)
        .setSecretName("password")
        .setFile(FileTarget.newBuilder().setName("p"))
        .build();
  }
}
