package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.control.Decision;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.model.NodeDescription;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Kind;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who has a worker's certificate says over the real protocol what fills managers. */
@Tag("attack")
@Timeout(60)
final class LyingWorkerTest {
  private static final int TASKS = 40;
  private static final int TASK_BYTES_MAX = 16 << 10;

  @TempDir Path directory;

  @Test
  void what_it_says_of_its_tasks_and_of_itself_takes_no_more_than_its_share() throws Exception {
    try (Manager manager =
            TestManager.found(
                directory.resolve("manager"), InstantSource.system(), TestManager.patient());
        TestAgent liar = TestAgent.join(manager, directory.resolve("liar"))) {
      liar.openSession();
      liar.openAssignments();
      assertThat(manager.submit(new CreateService(service())).get(20, TimeUnit.SECONDS))
          .isInstanceOf(Decision.Accepted.class);
      while (liar.tasks.size() < TASKS) {
        var unused = liar.takeAssignments();
      }
      for (String taskId : liar.taskIds()) {
        liar.report(lie(60_000), taskId);
        assertRefused(liar, taskId, 70_000, "a node's request is longer than 65536 bytes");
      }
      // That costs it the connection.
      assertRefused(liar, liar.taskIds().getFirst(), 1_000_000, "a message longer than 524288");
      assertThat(manager.snapshot().all(Kind.TASK))
          .hasSize(TASKS)
          .allSatisfy(
              task -> {
                assertThat(task.getStatus().getState()).isEqualTo(TaskState.RUNNING);
                assertThat(task.getSerializedSize()).isLessThan(TASK_BYTES_MAX);
              });

      NodeDescription.Builder long60k = liar.description();
      long60k.getEngineBuilder().putLabels("label", "x".repeat(60_000));
      liar.openSession(long60k.build());
      NodeDescription.Builder tooLong = liar.description();
      tooLong.getEngineBuilder().putLabels("label", "x".repeat(66_000));
      liar.askForSession(tooLong.build());
      assertThat(TestAgent.next(liar.failures)).isInstanceOf(StatusRuntimeException.class);

      // The manager lives, and so may the node.
      liar.openSession();
      String taskId = liar.taskIds().getFirst();
      liar.report(TaskState.COMPLETE, taskId);
      assertThat(manager.snapshot().find(Kind.TASK, taskId).map(Task::getStatus))
          .hasValueSatisfying(
              status -> assertThat(status.getState()).isEqualTo(TaskState.COMPLETE));
    }
  }

  private static void assertRefused(TestAgent liar, String taskId, int bytes, String why) {
    assertThatThrownBy(() -> liar.report(lie(bytes), taskId))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
              assertThat(refused).hasMessageContaining(why);
            });
  }

  private static TaskStatus lie(int bytes) {
    TaskStatus.Builder lie = TaskStatus.newBuilder().setState(TaskState.RUNNING);
    lie.getContainerBuilder().setContainerId("c".repeat(bytes));
    return lie.build();
  }

  private static ServiceSpec service() {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.getAnnotationsBuilder().setName("web");
    spec.getTaskBuilder().getContainerBuilder().setImage("busybox:latest");
    spec.getReplicatedBuilder().setReplicas(TASKS);
    return spec.build();
  }
}
