package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.task.ContainerView.Absent;
import dev.hanse.agent.task.ContainerView.Created;
import dev.hanse.agent.task.ContainerView.Exited;
import dev.hanse.agent.task.ContainerView.Running;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A task is taken away while its start waits for its turn, for another try, or for its answer. */
class BrokenStartTest {
  private final List<String> done = new ArrayList<>();
  private boolean underWay;
  private final TaskTable table = new TaskTable(new Noted());

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
    underWay = false;
    table.stepEnded("t1", step, StepOutcome.success(view, held));
  }

  @Test
  void whileItWaitsForItsTurnItIsNotStarted() {
    remove();
    assertThat(done).containsExactly("break off");
    underWay = false;
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
    underWay = false;
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
    underWay = false;
    table.stepBroken("t1", Step.START);
    table.retry("t1", Step.START);
    assertThat(done).containsExactly("retry START", "begin START");
  }

  /** Notes what it is to do. */
  private final class Noted implements TaskTable.Work {
    @Override
    public Timestamp now() {
      return Timestamp.getDefaultInstance();
    }

    @Override
    public void begin(TaskLife life, Step step) {
      underWay = true;
      done.add("begin " + step);
    }

    @Override
    public boolean breakOff(String taskId) {
      done.add("break off");
      return underWay;
    }

    @Override
    public boolean isWorking(String taskId) {
      return underWay;
    }

    @Override
    public void retryAfter(Duration pause, String taskId, Step step) {
      done.add("retry " + step);
    }

    @Override
    public Optional<ContainerView> observe(String containerId) {
      return Optional.empty();
    }

    @Override
    public Optional<HealthStatus> health(String containerId) {
      return Optional.empty();
    }

    @Override
    public void forgetHealth(String containerId) {}

    @Override
    public void changed(TaskLife life) {}

    @Override
    public void save(TaskLife life) {}

    @Override
    public void report(Workload workload) {}

    @Override
    public void withdraw(String taskId) {}

    @Override
    public void forgotten(TaskLife life) {
      done.add("forgotten");
    }
  }
}
