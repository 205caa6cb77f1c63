package dev.hanse.agent.task;

import com.google.protobuf.Timestamp;
import dev.hanse.agent.task.ContainerView.Absent;
import dev.hanse.agent.task.ContainerView.Created;
import dev.hanse.agent.task.ContainerView.Exited;
import dev.hanse.agent.task.ContainerView.Running;
import dev.hanse.agent.workload.WorkloadStatus;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.TaskState;

/**
 * The whole life of a workload on its node: from what is known to the next move. Pure; everything
 * that happens between two calls (a crash and restart of the daemon included) only changes what is
 * known.
 *
 * <p>The states and the rule that a state only moves forward are swarmkit's task model. What fails
 * before its start is REJECTED, later FAILED; neither is tried again here: the maker decides about
 * another one.
 */
public final class TaskMachine {
  private TaskMachine() {}

  /** The next move of a workload. */
  public static Move next(TaskLife life, Timestamp now) {
    if (life.busy().isPresent()) {
      return whileBusy(life, life.busy().get());
    }
    if (life.failure().isPresent() && !isEnded(life.status().state())) {
      return failed(life, life.failure().get().message(), now);
    }
    return switch (life.status().state()) {
      case NEW, PENDING, ASSIGNED ->
          isUnwanted(life) ? shutDown(life, now) : advance(life, TaskState.ACCEPTED, now);
      case ACCEPTED -> isUnwanted(life) ? shutDown(life, now) : accepted(life, now);
      case PREPARING -> isUnwanted(life) ? shutDown(life, now) : preparing(life, now);
      case READY -> isUnwanted(life) ? shutDown(life, now) : ready(life, now);
      case STARTING -> isUnwanted(life) ? shutDown(life, now) : starting(life, now);
      case RUNNING -> isUnwanted(life) ? shutDown(life, now) : running(life, now);
      case COMPLETE, SHUTDOWN, FAILED, REJECTED, REMOVE, ORPHANED, UNRECOGNIZED -> ended(life);
    };
  }

  /** Will nothing more happen to a workload in this state? */
  public static boolean isEnded(TaskState state) {
    return switch (state) {
      case NEW, PENDING, ASSIGNED, ACCEPTED, PREPARING, READY, STARTING, RUNNING -> false;
      case COMPLETE, SHUTDOWN, FAILED, REJECTED, REMOVE, ORPHANED, UNRECOGNIZED -> true;
    };
  }

  private static boolean isUnwanted(TaskLife life) {
    return isAtLeast(life.desired(), TaskState.SHUTDOWN);
  }

  private static boolean isAtLeast(TaskState state, TaskState bound) {
    return state == TaskState.UNRECOGNIZED || state.compareTo(bound) >= 0;
  }

  /**
   * A pull may take minutes, and so may the turn of a start that many others are before; every
   * other step is soon over and is waited for.
   */
  private static Move whileBusy(TaskLife life, Step step) {
    return switch (step) {
      case PREPARE, START -> isUnwanted(life) ? new Move.Cancel() : new Move.Rest();
      case ADOPT, STOP, RELEASE, REMOVE -> new Move.Rest();
    };
  }

  private static Move accepted(TaskLife life, Timestamp now) {
    return isAtLeast(life.desired(), TaskState.PREPARING)
        ? advance(life, TaskState.PREPARING, now)
        : new Move.Rest();
  }

  private static Move preparing(TaskLife life, Timestamp now) {
    return switch (life.container()) {
      case Absent _ -> new Move.Perform(Step.PREPARE);
      case Created _, Running _, Exited _ -> advance(life, TaskState.READY, now);
    };
  }

  private static Move ready(TaskLife life, Timestamp now) {
    return isAtLeast(life.desired(), TaskState.STARTING)
        ? advance(life, TaskState.STARTING, now)
        : new Move.Rest();
  }

  private static Move starting(TaskLife life, Timestamp now) {
    return switch (life.container()) {
      case Absent _ -> failed(life, "No such container: " + life.containerId(), now);
      case Created _ -> new Move.Perform(Step.START);
      case Running running when !running.watched() -> new Move.Perform(Step.ADOPT);
      case Running running ->
          switch (running.health()) {
            case NONE, HEALTHY -> advance(life, TaskState.RUNNING, now);
            case STARTING -> new Move.Rest();
            case UNHEALTHY -> new Move.Perform(Step.STOP);
          };
      // A task that is over as soon as it began has been running all the same.
      case Exited exited when isSuccess(exited) -> advance(life, TaskState.RUNNING, now);
      case Exited exited -> failed(life, exitMessage(exited), now);
    };
  }

  private static Move running(TaskLife life, Timestamp now) {
    return switch (life.container()) {
      case Absent _ -> failed(life, "No such container: " + life.containerId(), now);
      case Created _ -> failed(life, "container " + life.containerId() + " is not running", now);
      case Running running when !running.watched() -> new Move.Perform(Step.ADOPT);
      case Running running ->
          running.health() == HealthStatus.UNHEALTHY
              ? new Move.Perform(Step.STOP)
              : new Move.Rest();
      case Exited exited when isSuccess(exited) -> advance(life, TaskState.COMPLETE, now);
      case Exited exited -> failed(life, exitMessage(exited), now);
    };
  }

  private static Move shutDown(TaskLife life, Timestamp now) {
    return switch (life.container()) {
      case Running _ -> new Move.Perform(Step.STOP);
      case Absent _, Created _, Exited _ -> advance(life, TaskState.SHUTDOWN, now);
    };
  }

  private static Move ended(TaskLife life) {
    if (life.container() instanceof Running) {
      return new Move.Perform(Step.STOP);
    }
    if (life.held()) {
      return new Move.Perform(Step.RELEASE);
    }
    if (life.desired() == TaskState.REMOVE && !(life.container() instanceof Absent)) {
      return new Move.Perform(Step.REMOVE);
    }
    return life.assigned() ? new Move.Rest() : new Move.Forget();
  }

  private static boolean isSuccess(Exited exited) {
    return exited.code() == 0 && exited.health() != HealthStatus.UNHEALTHY;
  }

  private static String exitMessage(Exited exited) {
    String message = "task: non-zero exit (" + exited.code() + ")";
    if (exited.outOfMemory()) {
      return message + ": OOMKilled: the container used more memory than its limit";
    }
    if (exited.health() == HealthStatus.UNHEALTHY) {
      String cause = "dockerexec: unhealthy container";
      return exited.code() == 0 ? cause : message + ": " + cause;
    }
    return message;
  }

  private static Move failed(TaskLife life, String error, Timestamp now) {
    boolean begun = isAtLeast(life.status().state(), TaskState.STARTING);
    TaskState state = begun ? TaskState.FAILED : TaskState.REJECTED;
    return new Move.Advance(withContainer(life.status().failed(state, error, now), life));
  }

  private static Move advance(TaskLife life, TaskState state, Timestamp now) {
    WorkloadStatus status = life.status().reached(state, message(state), now);
    return new Move.Advance(withContainer(status, life));
  }

  private static String message(TaskState state) {
    return switch (state) {
      case ACCEPTED -> "accepted";
      case PREPARING -> "preparing";
      case READY -> "prepared";
      case STARTING -> "starting";
      case RUNNING -> "started";
      case COMPLETE -> "finished";
      case SHUTDOWN -> "shutdown";
      case NEW, PENDING, ASSIGNED, FAILED, REJECTED, REMOVE, ORPHANED, UNRECOGNIZED ->
          throw new IllegalArgumentException("a node never moves a task to " + state);
    };
  }

  /** From STARTING on the status tells which container it is and how it ended. */
  private static WorkloadStatus withContainer(WorkloadStatus status, TaskLife life) {
    if (!isAtLeast(status.state(), TaskState.STARTING)
        || (life.container() instanceof Absent && status.container().isEmpty())) {
      return status;
    }
    ContainerStatus.Builder container =
        status.container().orElse(ContainerStatus.getDefaultInstance()).toBuilder()
            .setContainerId(life.containerId());
    switch (life.container()) {
      case Running running -> container.setPid(running.processId());
      case Exited exited -> container.setPid(0).setExitCode(exited.code());
      case Absent _, Created _ -> container.setPid(0);
    }
    return status.withContainer(container.build(), life.hostPorts());
  }
}
