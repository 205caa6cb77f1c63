package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.task.ContainerView.Absent;
import dev.hanse.agent.task.ContainerView.Created;
import dev.hanse.agent.task.ContainerView.Exited;
import dev.hanse.agent.task.ContainerView.Running;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A task is taken away while its start waits for its turn, for another try, or for its answer. */
class BrokenStartTest {
  private final NotedWork work = new NotedWork();
  private final List<String> done = work.done;
  private final TaskTable table = new TaskTable(work);

  @BeforeEach
  void startingTask() {
    assign(TaskState.RUNNING, AssignmentChange.AssignmentAction.UPDATE);
    table.stepEnded("t1", Step.PREPARE, StepOutcome.success(new Created(), true));
    assertThat(done).endsWith("begin START");
    done.clear();
  }

  private void assign(TaskState desired, AssignmentChange.AssignmentAction action) {
    Task task =
        Task.newBuilder()
            .setId("t1")
            .setDesiredState(desired)
            .setStatus(TaskStatus.newBuilder().setState(TaskState.ASSIGNED))
            .build();
    AssignmentsMessage message =
        AssignmentsMessage.newBuilder()
            .setType(AssignmentsMessage.Type.INCREMENTAL)
            .addChanges(
                AssignmentChange.newBuilder()
                    .setAction(action)
                    .setAssignment(Assignment.newBuilder().setTask(task)))
            .build();
    table.assign(SwarmWorkloads.changes(message));
  }

  private void remove() {
    assign(TaskState.REMOVE, AssignmentChange.AssignmentAction.REMOVE);
  }

  private void endedWith(Step step, ContainerView view, boolean held) {
    work.underWay = false;
    table.stepEnded("t1", step, StepOutcome.success(view, held));
  }

  @Test
  void whileItWaitsForItsTurnItIsNotStarted() {
    remove();
    assertThat(done).containsExactly("break off");
    work.underWay = false;
    table.stepBroken("t1", Step.START);
    endedWith(Step.STOP, new Created(), true);
    endedWith(Step.RELEASE, new Created(), false);
    endedWith(Step.REMOVE, new Absent(), false);
    assertThat(done)
        .containsExactly("break off", "begin STOP", "begin RELEASE", "begin REMOVE", "forgotten");
    assertThat(table.isEmpty()).isTrue();
  }

  @Test
  void whileItWaitsForAnotherTryTheContainerIsLookedForAndStopped() {
    work.underWay = false;
    table.stepEnded("t1", Step.START, StepOutcome.again(new Created(), true, "no answer"));
    remove();
    assertThat(done).containsExactly("retry START", "break off", "begin STOP");
    table.retry("t1", Step.START);
    assertThat(done).doesNotContain("begin START");
    endedWith(Step.STOP, new Exited(143, false, HealthStatus.NONE), true);
    assertThat(done).endsWith("begin RELEASE");
  }

  @Test
  void whatStartedAllTheSameIsStopped() {
    remove();
    endedWith(Step.START, new Running(7, HealthStatus.NONE, true), true);
    assertThat(done).containsExactly("break off", "begin STOP");
  }

  @Test
  void aStartThatIsStillWantedIsTriedAgain() {
    work.underWay = false;
    table.stepBroken("t1", Step.START);
    table.retry("t1", Step.START);
    assertThat(done).containsExactly("retry START", "begin START");
  }
}
