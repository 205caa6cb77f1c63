package dev.hanse.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.dispatch.Assignments;
import dev.hanse.control.endpoints.EndpointProjection;
import dev.hanse.control.endpoints.TouchedObjects;
import dev.hanse.control.sim.World;
import dev.hanse.model.Annotations;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Node;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ReplicatedService;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The passes stay quick and even with a thousand tasks on a hundred nodes. */
class ManyTasksTest {
  private static final int NODES = 100;
  private static final int TASKS = 1_000;

  /** Far above what it takes, far below what a quadratic step would take. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  @Test
  void aThousandTasksAreAllocatedAndPlacedEvenlyInOnePass() {
    World world = world();
    world.accept(new CreateService(spec(TASKS)));
    Store store = new Store(world.snapshot());
    Context context = new Context(Times.timestamp(world.now()), new Random(1));

    long start = System.nanoTime();
    PassResult result = new Passes().run(store.snapshot(), context, DirtyKeys.full());
    Duration taken = Duration.ofNanos(System.nanoTime() - start);

    Snapshot after = store.apply(result.changes(), store.snapshot().index() + 1);
    Map<String, Integer> byNode = new HashMap<>();
    for (Task task : after.all(Kind.TASK)) {
      assertThat(task.getStatus().getState()).isEqualTo(TaskState.ASSIGNED);
      assertThat(task.getNetworks(0).getAddressesCount()).isEqualTo(1);
      byNode.merge(task.getNodeId(), 1, Integer::sum);
    }
    assertThat(byNode).hasSize(NODES).allSatisfy((node, count) -> assertThat(count).isEqualTo(10));
    assertThat(taken).isLessThan(LIMIT);
  }

  @Test
  void oneTaskMoreIsCheapForAllNodesTogether() {
    World world = world();
    world.accept(new CreateService(spec(TASKS)));
    world.settle();
    EndpointProjection before = EndpointProjection.of(world.snapshot());
    for (Node node : world.snapshot().all(Kind.NODE)) {
      assertThat(before.table(node.getId()).ingress().orElseThrow().endpoints()).hasSize(TASKS);
    }
    Task changed = world.snapshot().all(Kind.TASK).iterator().next();
    Snapshot after = started(world.snapshot(), changed);

    long start = System.nanoTime();
    TouchedObjects touched = new TouchedObjects();
    touched.add(
        world.snapshot(), after, Kind.TASK.action(StoreActionKind.STORE_ACTION_UPDATE, changed));
    EndpointProjection projection = before.next(after, touched);
    int changes = 0;
    int assignments = 0;
    for (Node node : after.all(Kind.NODE)) {
      changes += projection.table(node.getId()).since(before.table(node.getId())).size();
      assignments +=
          Assignments.of(after, node.getId())
              .since(Assignments.of(world.snapshot(), node.getId()))
              .size();
    }
    Duration taken = Duration.ofNanos(System.nanoTime() - start);

    assertThat(changes).isEqualTo(NODES);
    assertThat(assignments).as("a node's own report does not come back").isZero();
    assertThat(taken).isLessThan(LIMIT);
  }

  private static Snapshot started(Snapshot snapshot, Task task) {
    Task.Builder running = task.toBuilder();
    running.getStatusBuilder().setState(TaskState.RUNNING);
    return snapshot.preview(
        new Changes(
            java.util.List.of(
                Kind.TASK.action(StoreActionKind.STORE_ACTION_UPDATE, running.build()))));
  }

  private static World world() {
    World world = new World(5);
    world.initializeWith("10.0.0.0/8", 16);
    for (int i = 1; i < NODES; i++) {
      world.join();
    }
    world.settle();
    return world;
  }

  private static ServiceSpec spec(int replicas) {
    ServiceSpec.Builder spec =
        ServiceSpec.newBuilder()
            .setAnnotations(Annotations.newBuilder().setName("web"))
            .setReplicated(ReplicatedService.newBuilder().setReplicas(replicas));
    spec.getTaskBuilder().setContainer(ContainerSpec.newBuilder().setImage("web:1"));
    spec.getEndpointBuilder()
        .addPorts(PortConfig.newBuilder().setTargetPort(80).setPublishedPort(8080));
    return spec.build();
  }
}
