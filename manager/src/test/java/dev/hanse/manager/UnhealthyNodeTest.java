package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.control.command.ServiceCommand.UpdateService;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that says over the real protocol that it cannot run tasks. */
@Timeout(60)
@Tag("attack")
final class UnhealthyNodeTest {
  private static final String ILLNESS = "containerd: does not answer";

  @TempDir Path directory;

  @Test
  void itKeepsItsTasksAndGetsNoOthersUntilItIsWell() throws Exception {
    try (Manager manager =
            TestManager.found(
                directory.resolve("manager"), InstantSource.system(), TestManager.patient());
        TestAgent ill = TestAgent.join(manager, directory.resolve("ill"));
        TestAgent well = TestAgent.join(manager, directory.resolve("well"))) {
      for (TestAgent agent : List.of(ill, well)) {
        agent.openSession();
        agent.openAssignments();
        var unused = agent.takeAssignments();
      }
      submit(manager, new CreateService(spec(2)));
      for (TestAgent agent : List.of(ill, well)) {
        while (agent.tasks.isEmpty()) {
          var unused = agent.takeAssignments();
        }
      }
      ill.report(TaskState.RUNNING, ill.taskIds().toArray(String[]::new));
      well.report(TaskState.RUNNING, well.taskIds().toArray(String[]::new));

      var period = ill.heartbeat(ILLNESS);
      assertThat(period).isPositive();
      await(() -> status(manager, ill).getIllness().equals(ILLNESS));
      assertThat(status(manager, ill).getState()).isEqualTo(NodeStatus.State.READY);
      long version = version(manager, ill);
      for (int i = 0; i < 20; i++) {
        ill.heartbeat(ILLNESS);
      }
      assertThat(version(manager, ill)).as("told once, written once").isEqualTo(version);

      scale(manager, 5);
      await(() -> tasks(manager, assigned(well)).size() == 4);
      assertThat(tasks(manager, assigned(ill)))
          .singleElement()
          .satisfies(task -> assertThat(task.getDesiredState()).isEqualTo(TaskState.RUNNING));

      well.heartbeat("disk: the data root is full");
      await(() -> !status(manager, well).getIllness().isEmpty());
      scale(manager, 6);
      await(
          () ->
              tasks(manager, task -> task.getStatus().getErr().contains("unhealthy")).size() == 1);
      assertThat(tasks(manager, task -> task.getNodeId().isEmpty()))
          .singleElement()
          .satisfies(
              task ->
                  assertThat(task.getStatus().getErr())
                      .startsWith("no suitable node (")
                      .contains("2 nodes are unhealthy"));

      ill.openSession(); // A new one begins without the illness, which is over.
      await(() -> tasks(manager, assigned(ill)).size() == 2);
      assertThat(status(manager, ill).getIllness()).isEmpty();
    }
  }

  private static NodeStatus status(Manager manager, TestAgent agent) {
    return manager.snapshot().find(Kind.NODE, agent.identity.nodeId()).orElseThrow().getStatus();
  }

  private static long version(Manager manager, TestAgent agent) {
    return manager
        .snapshot()
        .find(Kind.NODE, agent.identity.nodeId())
        .orElseThrow()
        .getMeta()
        .getVersion()
        .getIndex();
  }

  private static Predicate<Task> assigned(TestAgent agent) {
    return task -> task.getNodeId().equals(agent.identity.nodeId());
  }

  private static List<Task> tasks(Manager manager, Predicate<Task> wanted) {
    return manager.snapshot().all(Kind.TASK).stream().filter(wanted).toList();
  }

  private static ServiceSpec spec(int replicas) {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.getAnnotationsBuilder().setName("web");
    spec.getTaskBuilder().getContainerBuilder().setImage("busybox:latest");
    spec.getReplicatedBuilder().setReplicas(replicas);
    return spec.build();
  }

  private static void scale(Manager manager, int replicas) throws Exception {
    Service web = manager.snapshot().findByName(Kind.SERVICE, "web").orElseThrow();
    submit(
        manager,
        new UpdateService(
            web.getId(), web.getMeta().getVersion().getIndex(), spec(replicas), false));
  }

  private static void submit(Manager manager, Command command) throws Exception {
    assertThat(manager.submit(command).get(20, TimeUnit.SECONDS))
        .isInstanceOf(Decision.Accepted.class);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
