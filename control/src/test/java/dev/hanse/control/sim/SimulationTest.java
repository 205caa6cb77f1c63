package dev.hanse.control.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.hanse.control.Tasks;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.GlobalJob;
import dev.hanse.model.GlobalService;
import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ReplicatedJob;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.Resource;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.UpdateConfig;
import dev.hanse.store.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random lives of a swarm; the seed repeats them. */
class SimulationTest {
  private static final int STEPS = 120;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aSwarmSurvivesAnythingAndConverges(long seed) {
    World world = new World(seed);
    world.observe((before, after, changes) -> Invariants.check(world));
    world.observe(new FoldedEndpoints(world.snapshot(), new SplittableRandom(seed)));
    world.initialize();
    for (int i = 0; i < 4; i++) {
      world.join();
    }
    world.agents().values().forEach(agent -> agent.setJitter(true));
    for (int step = 0; step < STEPS; step++) {
      disturb(world);
      world.run(Duration.ofMillis(world.random().nextInt(8_000)));
      Invariants.check(world);
    }
    heal(world);
    world.run(Duration.ofMinutes(10));
    Invariants.check(world);
    assertConverged(world);
  }

  private static void disturb(World world) {
    Random random = world.random();
    switch (random.nextInt(11)) {
      case 0, 1 -> create(world);
      case 2 -> any(world, Kind.SERVICE, service -> scale(world, service, random.nextInt(12)));
      case 3, 4 -> any(world, Kind.SERVICE, service -> respecify(world, service));
      case 5 ->
          any(
              world,
              Kind.SERVICE,
              service -> {
                if (random.nextInt(3) == 0) {
                  world.accept(new RemoveService(service.getId()));
                }
              });
      case 6 -> any(world, Kind.NODE, node -> toggle(world, node));
      case 7 ->
          any(
              world,
              Kind.NODE,
              node ->
                  setAvailability(world, node, NodeSpec.Availability.forNumber(random.nextInt(3))));
      case 8 -> crash(world);
      case 9 -> any(world, Kind.NODE, node -> replace(world, node));
      case 10 -> changeResources(world);
      default -> throw new IllegalStateException();
    }
  }

  private interface Action<T> {
    void on(T object);
  }

  private static <T extends Message> void any(World world, Kind<T> kind, Action<T> action) {
    List<T> all = new ArrayList<>(world.snapshot().all(kind));
    if (!all.isEmpty()) {
      action.on(all.get(world.random().nextInt(all.size())));
    }
  }

  private static void create(World world) {
    Random random = world.random();
    if (world.snapshot().size(Kind.SERVICE) >= 6) {
      return;
    }
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.setAnnotations(Annotations.newBuilder().setName("s" + random.nextInt(Integer.MAX_VALUE)));
    if (random.nextInt(3) == 0) {
      spec.getAnnotationsBuilder()
          .putLabels("hanse.disconnect", "keep:" + (1 + random.nextInt(30)) + "s");
    }
    spec.getTaskBuilder()
        .setContainer(ContainerSpec.newBuilder().setImage("web:1"))
        .setRestart(
            RestartPolicy.newBuilder()
                .setCondition(RestartPolicy.RestartCondition.ANY)
                .setDelay(com.google.protobuf.Duration.newBuilder().setSeconds(random.nextInt(4))));
    switch (random.nextInt(8)) {
      case 0, 1 -> spec.setGlobal(GlobalService.getDefaultInstance());
      case 2 -> spec.setGlobalJob(GlobalJob.getDefaultInstance());
      case 3, 4 -> spec.setReplicatedJob(job(random));
      default -> spec.setReplicated(ReplicatedService.newBuilder().setReplicas(random.nextInt(10)));
    }
    if (isJob(spec.build())) {
      spec.getTaskBuilder().getContainerBuilder().setImage("once:1");
    } else {
      spec.setUpdate(
          UpdateConfig.newBuilder()
              .setParallelism(random.nextInt(3))
              .setDelay(com.google.protobuf.Duration.newBuilder().setSeconds(random.nextInt(3)))
              .setFailureAction(UpdateConfig.FailureAction.forNumber(random.nextInt(3)))
              .setOrder(UpdateConfig.UpdateOrder.forNumber(random.nextInt(2))));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      spec.getEndpointBuilder()
          .addPorts(PortConfig.newBuilder().setTargetPort(80).setName("p" + i));
    }
    if (spec.getEndpoint().getPortsCount() == 0 && random.nextBoolean()) {
      spec.getEndpointBuilder().setMode(EndpointSpec.ResolutionMode.DNSRR);
    }
    world.accept(new CreateService(spec.build()));
  }

  private static ReplicatedJob job(Random random) {
    return ReplicatedJob.newBuilder()
        .setMaxConcurrent(random.nextInt(4))
        .setTotalCompletions(random.nextInt(9))
        .build();
  }

  private static boolean isJob(ServiceSpec spec) {
    return spec.hasReplicatedJob() || spec.hasGlobalJob();
  }

  private static String finalImage(ServiceSpec spec) {
    return isJob(spec) ? "once:final" : "web:final";
  }

  private static void scale(World world, Service service, int replicas) {
    if (service.getSpec().hasReplicated()) {
      update(
          world,
          service,
          service.getSpec().toBuilder()
              .setReplicated(ReplicatedService.newBuilder().setReplicas(replicas))
              .build());
    } else if (service.getSpec().hasReplicatedJob()) {
      update(
          world,
          service,
          service.getSpec().toBuilder().setReplicatedJob(job(world.random())).build());
    }
  }

  private static void respecify(World world, Service service) {
    Random random = world.random();
    String image =
        switch (random.nextInt(6)) {
          case 0 -> "crash:1";
          case 1 -> "broken:1";
          default -> (isJob(service.getSpec()) ? "once:" : "web:") + random.nextInt(100);
        };
    ServiceSpec.Builder spec = service.getSpec().toBuilder();
    spec.getTaskBuilder().getContainerBuilder().setImage(image);
    update(world, service, spec.build());
  }

  private static void update(World world, Service service, ServiceSpec spec) {
    world.accept(
        new UpdateService(service.getId(), service.getMeta().getVersion().getIndex(), spec, false));
  }

  private static void toggle(World world, Node node) {
    if (world.agent(node.getId()).isConnected()) {
      world.disconnect(node.getId());
    } else {
      world.reconnect(node.getId());
    }
  }

  private static void setAvailability(World world, Node node, NodeSpec.Availability availability) {
    world.accept(
        new UpdateNode(
            node.getId(),
            node.getMeta().getVersion().getIndex(),
            node.getSpec().toBuilder().setAvailability(availability).build()));
  }

  private static void crash(World world) {
    List<FakeAgent> agents = List.copyOf(world.agents().values());
    FakeAgent agent = agents.get(world.random().nextInt(agents.size()));
    List<Task> running = agent.processes();
    if (!running.isEmpty()) {
      agent.crash(running.get(world.random().nextInt(running.size())).getId(), world.now());
    }
  }

  /** A dead worker is removed and another joins. */
  private static void replace(World world, Node node) {
    if (!world.agent(node.getId()).isConnected() && node.getManagerStatus().getAddr().isEmpty()) {
      boolean worker = node.getSpec().getDesiredRole() == dev.hanse.model.NodeRole.WORKER;
      if (worker) {
        world.accept(new RemoveNode(node.getId(), false));
        world.agent(world.join()).setJitter(true);
      }
    }
  }

  /** For passes that look at them. */
  private static void changeResources(World world) {
    Random random = world.random();
    if (random.nextInt(3) == 0) {
      any(world, Kind.RESOURCE, resource -> world.delete(Kind.RESOURCE, resource.getId()));
    } else {
      String id = "resource" + random.nextInt(20);
      world.put(
          Kind.RESOURCE,
          Resource.newBuilder()
              .setId(id)
              .setKind("kind" + random.nextInt(3))
              .setAnnotations(Annotations.newBuilder().setName(id))
              .build());
    }
  }

  private static void heal(World world) {
    for (Node node : List.copyOf(world.snapshot().all(Kind.NODE))) {
      if (!world.agent(node.getId()).isConnected()) {
        world.reconnect(node.getId());
      }
      Node now = world.snapshot().find(Kind.NODE, node.getId()).orElseThrow();
      setAvailability(world, now, NodeSpec.Availability.ACTIVE);
    }
    for (Service service : List.copyOf(world.snapshot().all(Kind.SERVICE))) {
      ServiceSpec.Builder spec = service.getSpec().toBuilder();
      spec.getTaskBuilder().getContainerBuilder().setImage(finalImage(service.getSpec()));
      if (spec.hasReplicatedJob()) {
        spec.getReplicatedJobBuilder().setMaxConcurrent(2);
      }
      update(world, service, spec.build());
    }
  }

  private static boolean hasCompleted(Service service, Task task) {
    return task.getStatus().getState() == TaskState.COMPLETE
        && task.getJobIteration().equals(service.getJobStatus().getJobIteration());
  }

  private static void assertConverged(World world) {
    for (Service service : world.snapshot().all(Kind.SERVICE)) {
      Collection<Task> tasks = world.snapshot().tasksOfService(service.getId());
      boolean job = isJob(service.getSpec());
      List<Task> wanted = tasks.stream().filter(Tasks::isWanted).toList();
      List<Task> completed = tasks.stream().filter(task -> hasCompleted(service, task)).toList();
      long expected =
          switch (service.getSpec().getModeCase()) {
            case GLOBAL, GLOBAL_JOB -> world.snapshot().size(Kind.NODE);
            case REPLICATED -> service.getSpec().getReplicated().getReplicas();
            case REPLICATED_JOB -> service.getSpec().getReplicatedJob().getTotalCompletions();
            case MODE_NOT_SET -> throw new AssertionError("a service without a mode");
          };
      assertThat(job ? completed : wanted).hasSize((int) expected);
      if (job) {
        assertThat(wanted).isEmpty();
      }
      assertThat(wanted)
          .allSatisfy(task -> assertThat(task.getStatus().getState()).isEqualTo(TaskState.RUNNING));
      assertThat(job ? completed : wanted)
          .extracting(task -> task.getSpec().getContainer().getImage())
          .allMatch(finalImage(service.getSpec())::equals);
    }
    for (Task task : world.snapshot().all(Kind.TASK)) {
      Optional<Service> service = world.snapshot().find(Kind.SERVICE, task.getServiceId());
      assertThat(service).as("service of task " + task.getId()).isPresent();
      assertThat(Tasks.isWanted(task) || Tasks.isDead(task)).isTrue();
    }
  }
}
