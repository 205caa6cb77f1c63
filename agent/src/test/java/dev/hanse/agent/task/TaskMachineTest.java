package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.task.ContainerView.Absent;
import dev.hanse.agent.task.ContainerView.Created;
import dev.hanse.agent.task.ContainerView.Exited;
import dev.hanse.agent.task.ContainerView.Running;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.agent.workload.WorkloadStatus;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A task's life told as stories: what is known, what the machine does until it rests. */
class TaskMachineTest {
  private static final Timestamp NOW = Timestamp.newBuilder().setSeconds(42).build();
  private static final Running HEALTHY = new Running(7, HealthStatus.NONE, true);

  private final List<String> trace = new ArrayList<>();
  private TaskLife life = TaskLife.assigned(workload(TaskState.RUNNING), "c1");

  private static Workload workload(TaskState desired) {
    return workload(desired, TaskState.ASSIGNED);
  }

  private static Workload workload(TaskState desired, TaskState state) {
    return SwarmWorkloads.workload(
        Task.newBuilder()
            .setId("t1")
            .setDesiredState(desired)
            .setStatus(TaskStatus.newBuilder().setState(state))
            .build());
  }

  /** Moves until it rests, begins a step, or is over; notes what it did. */
  private void move() {
    while (true) {
      switch (TaskMachine.next(life, NOW)) {
        case Move.Rest _ -> {
          trace.add("rest");
          return;
        }
        case Move.Advance advance -> {
          life = life.withStatus(advance.status());
          WorkloadStatus status = advance.status();
          trace.add(status.state() + (status.error().isEmpty() ? "" : ": " + status.error()));
        }
        case Move.Perform perform -> {
          life = life.begun(perform.step());
          trace.add("perform " + perform.step());
          return;
        }
        case Move.Cancel _ -> {
          trace.add("cancel");
          life = life.ended(Optional.empty());
        }
        case Move.Forget _ -> {
          trace.add("forget");
          return;
        }
      }
    }
  }

  private void ended(ContainerView result, boolean held) {
    life = life.withContainer(result).withHeld(held).ended(Optional.empty());
    move();
  }

  private void failed(String why) {
    life = life.withHeld(true).ended(Optional.of(new StepFailure(why)));
    move();
  }

  private void desired(TaskState state) {
    life = life.withWorkload(workload(state));
    move();
  }

  private void running() {
    move();
    ended(new Created(), true);
    ended(HEALTHY, true);
    trace.clear();
  }

  @Test
  void aTaskRunsAndIsShutDownAndRemoved() {
    move();
    ended(new Created(), true);
    ended(HEALTHY, true);
    desired(TaskState.SHUTDOWN);
    ended(new Exited(143, false, HealthStatus.NONE), true);
    ended(new Exited(143, false, HealthStatus.NONE), false);
    desired(TaskState.REMOVE);
    ended(new Absent(), false);
    life = life.unassigned();
    move();

    assertThat(trace)
        .containsExactly(
            "ACCEPTED",
            "PREPARING",
            "perform PREPARE",
            "READY",
            "STARTING",
            "perform START",
            "RUNNING",
            "rest",
            "perform STOP",
            "SHUTDOWN",
            "perform RELEASE",
            "rest",
            "perform REMOVE",
            "rest",
            "forget");
    assertThat(life.status().container().orElseThrow().getExitCode()).isEqualTo(143);
    assertThat(life.status().container().orElseThrow().getPid()).isZero();
  }

  @Test
  void theStatusOfARunningTaskNamesContainerProcessAndHostPorts() {
    life = life.withHostPorts(List.of(PortConfig.newBuilder().setPublishedPort(8080).build()));
    running();

    assertThat(life.status().container().orElseThrow().getContainerId()).isEqualTo("c1");
    assertThat(life.status().container().orElseThrow().getPid()).isEqualTo(7);
    assertThat(life.status().ports())
        .extracting(PortConfig::getPublishedPort)
        .containsExactly(8080);
    assertThat(life.status().message()).isEqualTo("started");
    assertThat(life.status().reachedAt()).isEqualTo(NOW);
  }

  @Test
  void aTaskWaitsReadyUntilItIsWantedRunning() {
    life = TaskLife.assigned(workload(TaskState.READY), "c1");
    move();
    ended(new Created(), true);
    desired(TaskState.RUNNING);

    assertThat(trace)
        .containsExactly(
            "ACCEPTED",
            "PREPARING",
            "perform PREPARE",
            "READY",
            "rest",
            "STARTING",
            "perform START");
  }

  @Test
  void whatCannotBePreparedIsRejected() {
    move();
    failed("No such image: nope:latest");
    ended(new Absent(), false);

    assertThat(trace)
        .containsExactly(
            "ACCEPTED",
            "PREPARING",
            "perform PREPARE",
            "REJECTED: No such image: nope:latest",
            "perform RELEASE",
            "rest");
    assertThat(life.status().message()).isEqualTo("preparing");
    assertThat(life.status().container()).isEmpty();
  }

  @Test
  void whatCannotBeStartedHasFailed() {
    move();
    ended(new Created(), true);
    trace.clear();
    failed("starting container failed: no such program");

    assertThat(trace)
        .containsExactly("FAILED: starting container failed: no such program", "perform RELEASE");
  }

  @Test
  void exitCodesDecideBetweenCompleteAndFailed() {
    running();
    ended(new Exited(0, false, HealthStatus.NONE), true);
    assertThat(trace).containsExactly("COMPLETE", "perform RELEASE");

    life = TaskLife.assigned(workload(TaskState.RUNNING), "c1");
    running();
    ended(new Exited(3, false, HealthStatus.NONE), true);
    assertThat(trace).containsExactly("FAILED: task: non-zero exit (3)", "perform RELEASE");
    assertThat(life.status().container().orElseThrow().getExitCode()).isEqualTo(3);

    life = TaskLife.assigned(workload(TaskState.RUNNING), "c1");
    running();
    ended(new Exited(137, true, HealthStatus.NONE), true);
    assertThat(trace.getFirst()).startsWith("FAILED: task: non-zero exit (137): OOMKilled");
  }

  @Test
  void aTaskThatIsOverAtOnceHasRunAllTheSame() {
    move();
    ended(new Created(), true);
    trace.clear();
    ended(new Exited(0, false, HealthStatus.NONE), true);

    assertThat(trace).containsExactly("RUNNING", "COMPLETE", "perform RELEASE");
  }

  @Test
  void aProbedTaskIsStartingUntilHealthy() {
    move();
    ended(new Created(), true);
    ended(new Running(7, HealthStatus.STARTING, true), true);
    trace.clear();
    move();
    ended(new Running(7, HealthStatus.HEALTHY, true), true);

    assertThat(trace).containsExactly("rest", "RUNNING", "rest");
  }

  @Test
  void anUnhealthyTaskIsStoppedAndFails() {
    running();
    ended(new Running(7, HealthStatus.UNHEALTHY, true), true);
    ended(new Exited(137, false, HealthStatus.UNHEALTHY), true);

    assertThat(trace)
        .containsExactly(
            "perform STOP",
            "FAILED: task: non-zero exit (137): dockerexec: unhealthy container",
            "perform RELEASE");
  }

  @Test
  void aPullIsBrokenOffWhenTheTaskIsNotWantedAnyMore() {
    move();
    trace.clear();
    desired(TaskState.SHUTDOWN);

    ended(new Absent(), false);

    assertThat(trace).containsExactly("cancel", "SHUTDOWN", "perform RELEASE", "rest");
  }

  @Test
  void aStartIsBrokenOffWhenTheTaskIsNotWantedAnyMore() {
    move();
    ended(new Created(), true);
    assertThat(trace).endsWith("perform START");
    trace.clear();
    desired(TaskState.SHUTDOWN);
    assertThat(trace).startsWith("cancel");
  }

  @Test
  void aStepThatIsBrokenOffAnywhereLeavesNothingHeld() {
    for (Step step : Step.values()) {
      TaskLife begun = life.withHeld(false).begun(step);
      assertThat(begun.held())
          .as("held from the beginning of %s", step)
          .isEqualTo(step == Step.PREPARE || step == Step.START || step == Step.ADOPT);
    }
    move();
    life = life.unassigned();
    move();
    ended(new Absent(), false);

    assertThat(trace).endsWith("cancel", "SHUTDOWN", "perform RELEASE", "forget");
  }

  @Test
  void aTaskTakenFromTheNodeIsStoppedRemovedAndForgotten() {
    running();
    life = life.unassigned();
    move();
    ended(new Exited(143, false, HealthStatus.NONE), true);
    ended(new Exited(143, false, HealthStatus.NONE), false);
    ended(new Absent(), false);

    assertThat(trace)
        .containsExactly("perform STOP", "SHUTDOWN", "perform RELEASE", "perform REMOVE", "forget");
  }

  @Test
  void afterARestartARunningContainerIsAdopted() {
    running();
    life = life.withContainer(new Running(7, HealthStatus.NONE, false));
    move();
    ended(HEALTHY, true);

    assertThat(trace).containsExactly("perform ADOPT", "rest");
    assertThat(life.status().state()).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void afterARestartAContainerThatIsGoneOrEndedFailsItsTask() {
    running();
    life = life.withContainer(new Absent());
    move();
    assertThat(trace).containsExactly("FAILED: No such container: c1", "perform RELEASE");

    life = TaskLife.assigned(workload(TaskState.RUNNING), "c1");
    running();
    life = life.withContainer(new Exited(255, false, HealthStatus.NONE));
    move();
    assertThat(trace.getFirst()).isEqualTo("FAILED: task: non-zero exit (255)");
  }

  /** A crash at any point: whatever the state and the container, the machine comes to an end. */
  @ParameterizedTest
  @EnumSource(
      value = TaskState.class,
      names = {"ASSIGNED", "ACCEPTED", "PREPARING", "READY", "STARTING", "RUNNING"})
  void everyStateCanBeLeftFromEveryContainer(TaskState state) {
    List<ContainerView> views =
        List.of(
            new Absent(),
            new Created(),
            new Running(7, HealthStatus.NONE, false),
            new Exited(1, false, HealthStatus.NONE));
    for (ContainerView view : views) {
      life =
          TaskLife.assigned(workload(TaskState.REMOVE, state), "c1")
              .withContainer(view)
              .withHeld(true)
              .unassigned();
      assertThat(stepsUntilForgotten()).as("%s with %s", state, view).isLessThan(10);
    }
  }

  private int stepsUntilForgotten() {
    for (int count = 0; count < 10; count++) {
      move();
      if (trace.getLast().equals("forget")) {
        return count;
      }
      Step step = life.busy().orElseThrow();
      life =
          switch (step) {
            case STOP -> life.withContainer(new Exited(0, false, HealthStatus.NONE));
            case RELEASE -> life.withHeld(false);
            case REMOVE -> life.withContainer(new Absent());
            case PREPARE, START, ADOPT -> throw new AssertionError("not wanted: " + step);
          };
      life = life.ended(Optional.empty());
    }
    return 10;
  }
}
