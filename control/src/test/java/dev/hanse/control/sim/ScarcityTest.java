package dev.hanse.control.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.Tasks;
import dev.hanse.control.command.NetworkCommand.CreateNetwork;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.RemoveService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.GlobalService;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.UpdateConfig;
import dev.hanse.store.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random lives of a swarm in which there is not enough of anything: memory, addresses, subnets,
 * ports, suitable nodes. Most passes have somebody waiting; each is also done in full and must come
 * to the same, so whoever could be helped is looked at, and the reasons are true.
 */
class ScarcityTest {
  private static final int STEPS = 150;
  private static final long NODE_MEMORY = 8L << 30;

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28})
  void whoWaitsIsServedAsSoonAsThereIsSomething(long seed) {
    World world = new World(seed);
    world.observe((before, after, changes) -> Invariants.check(world));
    world.observe(new FoldedEndpoints(world.snapshot(), new SplittableRandom(seed)));
    world.initializeWith("10.0.0.0/25", 28);
    for (int i = 0; i < 3; i++) {
      world.join();
    }
    world.agents().values().forEach(agent -> agent.setJitter(true));
    boolean waited = false;
    for (int step = 0; step < STEPS; step++) {
      disturb(world);
      world.run(Duration.ofMillis(world.random().nextInt(4_000)));
      checkRoom(world);
      waited |= !world.snapshot().tasksWaiting().isEmpty();
    }
    assertThat(waited).as("something was scarce").isTrue();
    for (Service service : List.copyOf(world.snapshot().all(Kind.SERVICE))) {
      world.accept(new RemoveService(service.getId()));
      world.run(Duration.ofMinutes(1));
    }
    assertThat(world.snapshot().all(Kind.TASK)).isEmpty();
  }

  private static void disturb(World world) {
    Random random = world.random();
    List<Service> services = new ArrayList<>(world.snapshot().all(Kind.SERVICE));
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> create(world);
      case 3 -> {
        if (!services.isEmpty()) {
          world.accept(new RemoveService(any(random, services).getId()));
        }
      }
      case 4, 5 -> {
        if (!services.isEmpty()) {
          change(world, any(random, services));
        }
      }
      case 6 -> label(world, any(random, new ArrayList<>(world.snapshot().all(Kind.NODE))));
      case 7 -> crash(world);
      case 8 ->
          world.submit(
              new CreateNetwork(
                  NetworkSpec.newBuilder()
                      .setAnnotations(Annotations.newBuilder().setName("n" + random.nextInt(12)))
                      .build()));
      default -> throw new IllegalStateException();
    }
  }

  private static <T> T any(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private static void create(World world) {
    Random random = world.random();
    if (world.snapshot().size(Kind.SERVICE) >= 10) {
      return;
    }
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.setAnnotations(Annotations.newBuilder().setName("s" + random.nextInt(Integer.MAX_VALUE)));
    spec.getTaskBuilder()
        .setContainer(ContainerSpec.newBuilder().setImage("web:1"))
        .setRestart(
            RestartPolicy.newBuilder()
                .setCondition(RestartPolicy.RestartCondition.ANY)
                .setDelay(com.google.protobuf.Duration.newBuilder().setSeconds(1)));
    if (random.nextInt(4) == 0) {
      spec.setGlobal(GlobalService.getDefaultInstance());
    } else {
      spec.setReplicated(ReplicatedService.newBuilder().setReplicas(random.nextInt(8)));
    }
    if (random.nextBoolean()) {
      spec.getTaskBuilder()
          .getResourcesBuilder()
          .getReservationsBuilder()
          .setMemoryBytes((1L + random.nextInt(5)) << 30);
    }
    if (random.nextInt(3) == 0) {
      spec.getTaskBuilder()
          .getPlacementBuilder()
          .addConstraints("node.labels.zone==" + random.nextInt(2));
    }
    if (random.nextInt(4) == 0) {
      spec.getTaskBuilder().getPlacementBuilder().setMaxReplicas(1);
    }
    spec.getUpdateBuilder()
        .setParallelism(random.nextInt(3))
        .setOrder(UpdateConfig.UpdateOrder.forNumber(random.nextInt(2)));
    addNetworks(world, spec);
    if (random.nextInt(3) == 0) {
      spec.getEndpointBuilder()
          .addPorts(
              PortConfig.newBuilder()
                  .setTargetPort(80)
                  .setPublishedPort(9000 + random.nextInt(2))
                  .setPublishMode(PublishMode.HOST));
    }
    if (random.nextInt(3) == 0) {
      spec.getEndpointBuilder().addPorts(PortConfig.newBuilder().setTargetPort(81));
    }
    world.submit(new CreateService(spec.build()));
  }

  private static void addNetworks(World world, ServiceSpec.Builder spec) {
    for (Network network : world.snapshot().all(Kind.NETWORK)) {
      if (!network.getSpec().getIngress() && world.random().nextInt(4) == 0) {
        spec.getTaskBuilder()
            .addNetworks(NetworkAttachmentConfig.newBuilder().setTarget(network.getId()));
      }
    }
  }

  private static void change(World world, Service service) {
    ServiceSpec.Builder spec = service.getSpec().toBuilder();
    switch (world.random().nextInt(5)) {
      case 0 -> {
        if (spec.hasReplicated()) {
          spec.getReplicatedBuilder().setReplicas(world.random().nextInt(12));
        }
      }
      case 1 -> spec.getEndpointBuilder().clearPorts();
      case 2 -> {
        spec.getTaskBuilder().clearNetworks();
        addNetworks(world, spec);
      }
      case 3 -> spec.getTaskBuilder().clearResources();
      case 4 ->
          spec.getTaskBuilder()
              .getContainerBuilder()
              .setImage("web:" + world.random().nextInt(100));
      default -> throw new IllegalStateException();
    }
    world.submit(
        new UpdateService(
            service.getId(), service.getMeta().getVersion().getIndex(), spec.build(), false));
  }

  private static void label(World world, Node node) {
    var spec = node.getSpec().toBuilder();
    spec.getAnnotationsBuilder().putLabels("zone", String.valueOf(world.random().nextInt(3)));
    world.accept(
        new UpdateNode(node.getId(), node.getMeta().getVersion().getIndex(), spec.build()));
  }

  private static void crash(World world) {
    FakeAgent agent = any(world.random(), List.copyOf(world.agents().values()));
    List<Task> running = agent.processes();
    if (!running.isEmpty()) {
      agent.crash(any(world.random(), running).getId(), world.now());
    }
  }

  private static void checkRoom(World world) {
    for (Node node : world.snapshot().all(Kind.NODE)) {
      long reserved =
          world.snapshot().tasksOfNode(node.getId()).stream()
              .filter(task -> Tasks.isAssigned(task) && !Tasks.isDead(task))
              .mapToLong(task -> task.getSpec().getResources().getReservations().getMemoryBytes())
              .sum();
      assertThat(reserved).isLessThanOrEqualTo(NODE_MEMORY);
    }
    for (Task task : world.snapshot().tasksWaiting()) {
      boolean blocked = !task.getStatus().getErr().isEmpty();
      assertThat(blocked || !Tasks.isWanted(task) || task.getStatus().getState() == TaskState.NEW)
          .as("a task that waits says why")
          .isTrue();
    }
  }
}
