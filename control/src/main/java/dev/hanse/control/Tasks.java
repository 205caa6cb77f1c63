package dev.hanse.control;

import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import java.util.Comparator;

/** Words for the stages of a task's life that several passes share. */
public final class Tasks {
  /** Oldest first. */
  public static final Comparator<Task> BY_AGE =
      Comparator.comparing((Task task) -> Times.instant(task.getMeta().getCreatedAt()))
          .thenComparing(Task::getId);

  private Tasks() {}

  /** Whether it is meant to run, now or later. */
  public static boolean isWanted(Task task) {
    return task.getDesiredStateValue() <= TaskState.RUNNING_VALUE;
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
