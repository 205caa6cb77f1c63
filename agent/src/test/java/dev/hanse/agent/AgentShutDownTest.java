package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.shell;
import static dev.hanse.agent.AgentWorld.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The machine goes down while no manager takes the tasks away. */
@Tag("attack")
class AgentShutDownTest {
  @Test
  void everyTaskGetsItsSignalAndItsGracePeriodAndNoneBegins() throws Exception {
    try (AgentWorld world = new AgentWorld()) {
      Task kind = shell("trap 'echo bye; exit 0' TERM; while true; do sleep 0.1; done");
      Task stubborn =
          task(
              spec ->
                  spec.addArgs("sh")
                      .addArgs("-c")
                      .addArgs("trap '' TERM; while true; do sleep 0.1; done")
                      .setStopGracePeriod(
                          com.google.protobuf.Duration.newBuilder().setNanos(300_000_000)));
      world.assign(kind, stubborn);
      world.await(kind, TaskState.RUNNING);
      world.await(stubborn, TaskState.RUNNING);

      assertThat(world.agent().shutDown(Duration.ofMinutes(1))).isZero();

      assertThat(world.manager.nodeLeaves).as("the manager was told").isTrue();
      assertThat(world.await(kind, TaskState.SHUTDOWN).getContainer().getExitCode()).isZero();
      assertThat(world.await(stubborn, TaskState.SHUTDOWN).getContainer().getExitCode())
          .isEqualTo(137);
      assertThat(world.output(kind)).contains("bye");
      Task late = shell("sleep 1000");
      world.assign(late);
      assertThat(world.await(late, TaskState.SHUTDOWN).hasContainer()).isFalse();
    }
  }

  @Test
  void itReturnsAtItsLimit() throws Exception {
    try (AgentWorld world = new AgentWorld()) {
      Task task = shell("trap '' TERM; while true; do sleep 0.1; done");
      world.assign(task);
      world.await(task, TaskState.RUNNING);
      assertThat(world.agent().shutDown(Duration.ofMillis(100))).isEqualTo(1);
    }
  }
}
