package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.control.Decision;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.Role;
import dev.hanse.model.Annotations;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.DispatcherConfig;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.SessionMessage;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real manager on a loopback port, and nodes that speak its protocol. */
final class ManagerTest {
  private static final java.time.Duration QUICK = java.time.Duration.ofMillis(300);

  /** Longer than any test takes. */
  private static final java.time.Duration LONG = java.time.Duration.ofHours(1);

  @TempDir Path directory;

  @Test
  void aClusterBeginsAndSurvivesARestart() throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory.resolve("certificates"));
    String clusterId;
    try (Manager manager =
        Manager.initialize(settings(0), certificates, ClusterRequest.defaults())) {
      Snapshot snapshot = manager.snapshot();
      clusterId = snapshot.cluster().orElseThrow().getId();
      assertThat(manager.credentials().identity().organization()).isEqualTo(clusterId);
      Node self = snapshot.find(Kind.NODE, manager.credentials().identity().nodeId()).orElseThrow();
      assertThat(self.getManagerStatus().getAddr()).isEqualTo("127.0.0.1:2377");
      assertThat(self.getManagerStatus().getLeader()).isTrue();
      create(manager, "web", 2);
    }
    var identity = certificates.load(InstantSource.system().instant()).orElseThrow();
    assertThat(identity.role()).isEqualTo(Role.MANAGER);
    TlsCredentials credentials = new TlsCredentials(identity, certificates, InstantSource.system());
    try (Manager manager = Manager.open(settings(0), credentials)) {
      assertThat(manager.snapshot().cluster().orElseThrow().getId()).isEqualTo(clusterId);
      assertThat(manager.snapshot().findByName(Kind.SERVICE, "web")).isPresent();
    }
  }

  @Test
  void aTakenPortIsNamedAndNothingIsLeftBehind() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      CertificateDirectory certificates = new CertificateDirectory(directory.resolve("other"));
      assertThatThrownBy(
              () ->
                  Manager.initialize(
                      settings(taken.getLocalPort()), certificates, ClusterRequest.defaults()))
          .isInstanceOf(ManagerStartException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("in use");
      assertThat(directory.resolve("raft")).doesNotExist();
      assertThat(certificates.root()).isEmpty();
    }
  }

  @Test
  void aNodeJoinsRunsTasksAndReportsThem() throws Exception {
    try (Manager manager = start();
        TestAgent agent = TestAgent.join(manager, directory.resolve("worker"))) {
      SessionMessage session = agent.openSession();
      assertThat(session.getNode().getId()).isEqualTo(agent.identity.nodeId());
      assertThat(session.getManagersList()).hasSize(1);
      assertThat(session.getRootCA().toByteArray()).isEqualTo(agent.identity.root().pem());
      Node node = manager.snapshot().find(Kind.NODE, agent.identity.nodeId()).orElseThrow();
      assertThat(node.getStatus().getState()).isEqualTo(NodeStatus.State.READY);
      assertThat(node.getDescription().getHostname()).startsWith("host-");
      assertThat(agent.heartbeat()).isBetween(LONG.minusSeconds(1), LONG.plusSeconds(1));

      agent.openAssignments();
      AssignmentsMessage complete = agent.takeAssignments();
      assertThat(complete.getType()).isEqualTo(AssignmentsMessage.Type.COMPLETE);
      create(manager, "web", 3);
      while (agent.tasks.size() < 3) {
        AssignmentsMessage more = agent.takeAssignments();
        assertThat(more.getType()).isEqualTo(AssignmentsMessage.Type.INCREMENTAL);
        assertThat(Long.parseLong(more.getResultsIn()))
            .isEqualTo(Long.parseLong(more.getAppliesTo()) + 1);
      }
      agent.report(TaskState.RUNNING, agent.taskIds().toArray(String[]::new));
      Service web = manager.snapshot().findByName(Kind.SERVICE, "web").orElseThrow();
      assertThat(manager.snapshot().tasksOfService(web.getId()))
          .hasSize(3)
          .allSatisfy(task -> assertThat(task.getStatus().getState()).isEqualTo(TaskState.RUNNING));

      agent.report(TaskState.FAILED, agent.taskIds().getFirst());
      await(
          manager,
          snapshot -> snapshot.tasksOfService(web.getId()).size() == 4,
          "a task that replaces the failed one");
    }
  }

  @Test
  void aSilentNodeIsDownAndItsStreamsEnd() throws Exception {
    try (Manager manager = start(QUICK);
        TestAgent agent = TestAgent.join(manager, directory.resolve("worker"))) {
      agent.openSession();
      await(
          manager,
          snapshot ->
              snapshot
                  .find(Kind.NODE, agent.identity.nodeId())
                  .map(node -> node.getStatus().getState() == NodeStatus.State.DOWN)
                  .orElse(false),
          "the node to be down");
      assertThat(
              manager
                  .snapshot()
                  .find(Kind.NODE, agent.identity.nodeId())
                  .orElseThrow()
                  .getStatus()
                  .getMessage())
          .isEqualTo("heartbeat failure");
      assertThat(Status.fromThrowable(TestAgent.next(agent.failures)).getCode())
          .isEqualTo(Status.Code.NOT_FOUND);
      assertThatThrownBy(agent::heartbeat)
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("node not registered");
      // It is soon down again.
      await(
          manager,
          agent::openSession,
          snapshot -> state(snapshot, agent) == NodeStatus.State.READY,
          "the node to be ready again");
    }
  }

  @Test
  void afterARestartNodesAreUnknownUntilTheyReturnOrAreGivenUp() throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory.resolve("certificates"));
    TestAgent returns;
    TestAgent stays;
    TlsCredentials credentials;
    int port;
    try (Manager manager = start(java.time.Duration.ofSeconds(1))) {
      credentials = manager.credentials();
      port = manager.listening().getPort();
      returns = TestAgent.join(manager, directory.resolve("returns"));
      stays = TestAgent.join(manager, directory.resolve("stays"));
      returns.openSession();
      stays.openSession();
    }
    assertThat(certificates.root()).isPresent();
    try (Manager manager = Manager.open(settings(port), credentials)) {
      await(
          manager,
          snapshot -> state(snapshot, stays) == NodeStatus.State.UNKNOWN,
          "the node to be unknown");
      await(
          manager,
          returns::openSession,
          snapshot -> state(snapshot, returns) == NodeStatus.State.READY,
          "the other to be ready");
      await(
          manager,
          snapshot -> state(snapshot, stays) == NodeStatus.State.DOWN,
          "the node to be down");
    } finally {
      returns.close();
      stays.close();
    }
  }

  private static NodeStatus.State state(Snapshot snapshot, TestAgent agent) {
    return snapshot.find(Kind.NODE, agent.identity.nodeId()).orElseThrow().getStatus().getState();
  }

  @Test
  void logsOfAServiceAreGatheredFromItsNodes() throws Exception {
    try (Manager manager = start();
        TestAgent agent = TestAgent.join(manager, directory.resolve("worker"))) {
      agent.openSession();
      agent.openAssignments();
      agent.takeAssignments();
      create(manager, "web", 1);
      while (agent.tasks.isEmpty()) {
        agent.takeAssignments();
      }
      agent.serveLogs(2_000);
      Service web = manager.snapshot().findByName(Kind.SERVICE, "web").orElseThrow();
      LogSelector selector = LogSelector.newBuilder().addServiceIds(web.getId()).build();
      // Until the node's offer to serve has arrived, it is not available.
      List<String> lines = new ArrayList<>();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestGroup.LIMIT_SECONDS);
      while (lines.isEmpty()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        try (ServiceLogs logs =
            manager.logs(selector, LogSubscriptionOptions.getDefaultInstance())) {
          for (var some = logs.next(); some.isPresent(); some = logs.next()) {
            some.get().forEach(line -> lines.add(line.getData().toStringUtf8()));
          }
          assertThat(logs.missing().isEmpty()).isEqualTo(!lines.isEmpty());
        }
      }
      assertThat(lines).hasSize(2_000).startsWith("line 0").endsWith("line 1999");
    }
  }

  @Test
  void aNodeThatDoesNotReadHurtsNobodyAndGetsTheNewestState() throws Exception {
    try (Manager manager = start();
        TestAgent slow = TestAgent.join(manager, directory.resolve("slow"));
        TestAgent quick = TestAgent.join(manager, directory.resolve("quick"))) {
      slow.openSession();
      quick.openSession();
      slow.openAssignmentsWithoutReading();
      quick.openAssignments();
      quick.takeAssignments();
      int services = 60;
      // Together far more than the window of one stream, which is a mebibyte.
      String text = "x".repeat(20_000);
      for (int i = 0; i < services; i++) {
        ServiceSpec.Builder spec = spec("service" + i, 10, EndpointSpec.getDefaultInstance());
        spec.getTaskBuilder().getContainerBuilder().putLabels("text", text);
        create(manager, spec.build());
      }
      long assignedToQuick =
          manager.snapshot().tasksOfNode(quick.identity.nodeId()).stream().count();
      assertThat(assignedToQuick).isGreaterThan(services);
      while (quick.tasks.size() < assignedToQuick) {
        quick.takeAssignments();
      }
      long assignedToSlow = manager.snapshot().tasksOfNode(slow.identity.nodeId()).size();
      slow.startReading();
      int messages = 0;
      while (slow.tasks.size() < assignedToSlow) {
        slow.takeAssignments();
        messages++;
      }
      assertThat(slow.tasks).hasSize((int) assignedToSlow);
      assertThat(messages).isLessThan(services / 2);
    }
  }

  @Test
  void aRemovedNodeIsRefusedWithItsCertificate() throws Exception {
    try (Manager manager = start();
        TestAgent agent = TestAgent.join(manager, directory.resolve("worker"))) {
      agent.openSession();
      assertThat(
              manager
                  .submit(new RemoveNode(agent.identity.nodeId(), true))
                  .get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS))
          .isInstanceOf(Decision.Accepted.class);
      assertThat(TestAgent.next(agent.failures)).hasMessageContaining("node not found");
      assertThatThrownBy(agent::heartbeat)
          .hasMessageContaining("PERMISSION_DENIED")
          .hasMessageContaining("was removed from swarm");
    }
  }

  @Test
  void aStopWaitsUntilNodesHaveTakenTheTaskOutOfService() throws Exception {
    try (Manager manager = start(LONG, LONG);
        TestAgent runs = TestAgent.join(manager, directory.resolve("runs"));
        TestAgent watches = TestAgent.join(manager, directory.resolve("watches"))) {
      runs.openSession();
      runs.openAssignments();
      runs.takeAssignments();
      runs.openEndpoints();
      create(manager, "web", 1, publish(8080));
      while (runs.tasks.isEmpty()) {
        runs.takeAssignments();
      }
      String taskId = runs.taskIds().getFirst();
      watches.openSession();
      watches.openEndpoints();
      runs.report(TaskState.RUNNING, taskId);
      // What has not been sent yet must not be acknowledged: that would be the removal, too.
      watches.acknowledge(awaitReady(watches, taskId, true));
      runs.acknowledge(awaitReady(runs, taskId, true));

      scale(manager, "web", 0);
      long removed = awaitReady(watches, taskId, false);
      long removedThere = awaitReady(runs, taskId, false);
      runs.acknowledge(removedThere);
      // Other news of the node comes, be it ever so late, and nothing of the stop with it.
      createAt(runs, manager, "other");
      while (runs.tasks.size() < 2) {
        runs.takeAssignments();
        assertThat(isToRun(runs, taskId)).isTrue();
      }
      watches.acknowledge(removed);
      while (isToRun(runs, taskId)) {
        runs.takeAssignments();
      }
      assertThat(runs.tasks.values())
          .filteredOn(task -> task.getDesiredState() == TaskState.RUNNING)
          .hasSize(1);
    }
  }

  private static void createAt(TestAgent node, Manager manager, String name) throws Exception {
    ServiceSpec.Builder spec = spec(name, 1, EndpointSpec.getDefaultInstance());
    spec.getTaskBuilder()
        .getPlacementBuilder()
        .addConstraints("node.id==" + node.identity.nodeId());
    create(manager, spec.build());
  }

  /** As far as the node has been told. */
  private static boolean isToRun(TestAgent node, String taskId) {
    Task task = node.tasks.get(taskId);
    return task != null && task.getDesiredStateValue() <= TaskState.RUNNING_VALUE;
  }

  @Test
  void aStopDoesNotWaitForeverForANodeThatIsSilent() throws Exception {
    try (Manager manager = start(LONG, QUICK);
        TestAgent runs = TestAgent.join(manager, directory.resolve("runs"))) {
      runs.openSession();
      runs.openAssignments();
      runs.takeAssignments();
      runs.openEndpoints();
      create(manager, "web", 1, publish(8080));
      while (runs.tasks.isEmpty()) {
        runs.takeAssignments();
      }
      String taskId = runs.taskIds().getFirst();
      runs.report(TaskState.RUNNING, taskId);
      awaitReady(runs, taskId, true);
      scale(manager, "web", 0);
      while (isToRun(runs, taskId)) {
        runs.takeAssignments();
      }
      Service web = manager.snapshot().findByName(Kind.SERVICE, "web").orElseThrow();
      assertThat(web.getSpec().getReplicated().getReplicas()).isZero();
    }
  }

  /** Waits for the message that says whether the task takes connections; returns its index. */
  private static long awaitReady(TestAgent agent, String taskId, boolean ready)
      throws InterruptedException {
    while (true) {
      EndpointsMessage message = TestAgent.next(agent.endpoints);
      boolean says =
          message.getChangesList().stream()
              .anyMatch(
                  change ->
                      change.hasEndpoint()
                          && change.getEndpoint().getTaskId().equals(taskId)
                          && change.getEndpoint().getReady() == ready);
      if (says) {
        return message.getIndex();
      }
    }
  }

  /** Nodes may be silent for longer than any test takes. */
  private Manager start() throws Exception {
    return start(LONG);
  }

  private Manager start(java.time.Duration heartbeat) throws Exception {
    return start(heartbeat, ManagerSettings.STOP_PATIENCE_DEFAULT);
  }

  private Manager start(java.time.Duration heartbeat, java.time.Duration stopPatience)
      throws Exception {
    ClusterSpec spec =
        ClusterSpec.newBuilder()
            .setDispatcher(
                DispatcherConfig.newBuilder()
                    .setHeartbeatPeriod(
                        Duration.newBuilder()
                            .setSeconds(heartbeat.toSeconds())
                            .setNanos(heartbeat.toNanosPart())))
            .build();
    ManagerSettings usual = TestManager.settings(directory, InstantSource.system());
    return Manager.initialize(
        new ManagerSettings(
            usual.logDirectory(),
            usual.listen(),
            usual.advertise(),
            usual.clock(),
            stopPatience,
            usual.health()),
        TestManager.certificates(directory),
        new ClusterRequest(spec, List.of(), 0, 0, NodeSpec.Availability.DRAIN));
  }

  private ManagerSettings settings(int port) throws Exception {
    Files.createDirectories(directory);
    return TestManager.settings(directory, port, "127.0.0.1:2377", InstantSource.system());
  }

  private static EndpointSpec publish(int port) {
    return EndpointSpec.newBuilder()
        .addPorts(PortConfig.newBuilder().setTargetPort(80).setPublishedPort(port))
        .build();
  }

  private static void create(Manager manager, String name, int replicas) throws Exception {
    create(manager, name, replicas, EndpointSpec.getDefaultInstance());
  }

  private static void create(Manager manager, String name, int replicas, EndpointSpec endpoint)
      throws Exception {
    create(manager, spec(name, replicas, endpoint).build());
  }

  private static void create(Manager manager, ServiceSpec spec) throws Exception {
    assertThat(
            manager.submit(new CreateService(spec)).get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS))
        .isInstanceOf(Decision.Accepted.class);
  }

  private static ServiceSpec.Builder spec(String name, int replicas, EndpointSpec endpoint) {
    return ServiceSpec.newBuilder()
        .setAnnotations(Annotations.newBuilder().setName(name))
        .setTask(
            TaskSpec.newBuilder()
                .setContainer(ContainerSpec.newBuilder().setImage("busybox:latest")))
        .setReplicated(ReplicatedService.newBuilder().setReplicas(replicas))
        .setEndpoint(endpoint);
  }

  private static void scale(Manager manager, String name, int replicas) throws Exception {
    Service service = manager.snapshot().findByName(Kind.SERVICE, name).orElseThrow();
    ServiceSpec spec =
        service.getSpec().toBuilder()
            .setReplicated(ReplicatedService.newBuilder().setReplicas(replicas))
            .build();
    Decision decision =
        manager
            .submit(
                new dev.hanse.control.command.ServiceCommand.UpdateService(
                    service.getId(), service.getMeta().getVersion().getIndex(), spec, false))
            .get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
  }

  private static void await(Manager manager, Predicate<Snapshot> wanted, String what)
      throws Exception {
    await(manager, () -> wanted, wanted, what);
  }

  /** Waits for what an action brings about, though it may be over again soon. */
  private static void await(
      Manager manager, Callable<?> action, Predicate<Snapshot> wanted, String what)
      throws Exception {
    CompletableFuture<Void> met = new CompletableFuture<>();
    try (var subscription =
        manager.subscribe(
            (before, after, changes) -> {
              if (wanted.test(after)) {
                met.complete(null);
              }
            })) {
      action.call();
      if (!wanted.test(manager.snapshot())) {
        assertThat(met).as(what).succeedsWithin(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS);
      }
    }
  }
}
