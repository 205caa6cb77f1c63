package dev.hanse.control;

import dev.hanse.model.Task;
import dev.hanse.model.TaskOrBuilder;
import dev.hanse.model.TaskState;
import java.util.Comparator;

/** Words for the stages of a task's life that several passes share. */
public final class Tasks {
  /** Oldest first. */
  public static final Comparator<Task> BY_AGE =
      Comparator.comparing((Task task) -> Times.instant(task.getMeta().getCreatedAt()))
          .thenComparing(Task::getId);

  private Tasks() {}

  /** What is desired of it once it may start: to run, or, if it is a job's, to end well. */
  public static TaskState goal(TaskOrBuilder task) {
    return task.hasJobIteration() ? TaskState.COMPLETE : TaskState.RUNNING;
  }

  /** Whether it is meant to run, now or later; what has ended as it was to end is not. */
  public static boolean isWanted(Task task) {
    boolean reached =
        task.getDesiredState() == TaskState.COMPLETE
            && task.getStatus().getState() == TaskState.COMPLETE;
    return !hasToStop(task) && !reached;
  }

  /** Whether it has to stop, or has stopped. */
  public static boolean hasToStop(Task task) {
    return task.getDesiredStateValue() > TaskState.COMPLETE_VALUE;
  }

  /** Whether it has ended, for whatever reason. */
  public static boolean isDead(Task task) {
    return task.getStatus().getStateValue() > TaskState.RUNNING_VALUE;
  }

  /** Whether it has a node that knows of it. */
  public static boolean isAssigned(Task task) {
    return task.getStatus().getStateValue() >= TaskState.ASSIGNED_VALUE;
  }

  /** Whether it was last seen running. */
  public static boolean isRunning(Task task) {
    return task.getStatus().getState() == TaskState.RUNNING;
  }

  /** Whether it ended by itself, well or badly, and was not stopped by us. */
  public static boolean endedByItself(Task task) {
    return switch (task.getStatus().getState()) {
      case COMPLETE, FAILED, REJECTED -> true;
      case NEW, PENDING, ASSIGNED, ACCEPTED, PREPARING, READY, STARTING, RUNNING -> false;
      case SHUTDOWN, REMOVE, ORPHANED, UNRECOGNIZED -> false;
    };
  }
}
