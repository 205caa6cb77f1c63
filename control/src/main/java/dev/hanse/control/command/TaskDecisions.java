package dev.hanse.control.command;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.TaskCommand.RemoveTask;
import dev.hanse.control.command.TaskCommand.UpdateTaskStatuses;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.Optional;

/** Decides the writes on tasks. */
final class TaskDecisions {
  /**
   * What is kept of a node's message or error, in characters: it stays in the state and the log.
   */
  private static final int TEXT_LENGTH_MAX = 2_048;

  private final Transaction transaction;
  private final Context context;

  TaskDecisions(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
  }

  Decision decide(TaskCommand command) {
    return switch (command) {
      case UpdateTaskStatuses update -> update(update);
      case RemoveTask remove ->
          Outcome.found(transaction.snapshot(), Kind.TASK, remove.id(), this::remove);
    };
  }

  private Decision update(UpdateTaskStatuses report) {
    if (report.updates().size() > TaskCommand.UPDATES_MAX) {
      return Outcome.refused(
          new Rejection.Exhausted(
              "more than " + TaskCommand.UPDATES_MAX + " task status updates at once"));
    }
    for (TaskStatusUpdate update : report.updates()) {
      Optional<Task> known = transaction.find(Kind.TASK, update.getTaskId());
      if (known.isEmpty() || !update.hasStatus()) {
        continue; // The task may have been removed meanwhile.
      }
      if (!known.get().getNodeId().equals(report.nodeId())) {
        return Outcome.refused(
            new Rejection.PermissionDenied("cannot update a task not assigned this node"));
      }
      apply(known.get(), report.nodeId(), update.getStatus());
    }
    return Outcome.accepted(transaction);
  }

  /**
   * From ASSIGNED on, the observed state is the node's to write; it only moves forward. The manager
   * alone writes ORPHANED and everything before ASSIGNED.
   */
  private void apply(Task task, String nodeId, TaskStatus reported) {
    TaskStatus present = task.getStatus();
    boolean known = reported.getState() != TaskState.UNRECOGNIZED;
    boolean nodes =
        known
            && reported.getState().getNumber() > TaskState.ASSIGNED_VALUE
            && reported.getState().getNumber() < TaskState.ORPHANED_VALUE;
    boolean backwards = reported.getStateValue() < present.getStateValue();
    if (!nodes || backwards || same(present, reported)) {
      return;
    }
    TaskStatus status =
        reported.toBuilder()
            .setMessage(shortened(reported.getMessage()))
            .setErr(shortened(reported.getErr()))
            .setAppliedBy(nodeId)
            .setAppliedAt(context.now())
            .build();
    Task.Builder updated = task.toBuilder().setStatus(status);
    if (reported.getState() == TaskState.RUNNING && !task.getPlan().hasRunningAt()) {
      updated.getPlanBuilder().setRunningAt(context.now());
    }
    transaction.put(Kind.TASK, updated.build());
  }

  private static String shortened(String text) {
    return text.length() <= TEXT_LENGTH_MAX ? text : text.substring(0, TEXT_LENGTH_MAX) + "…";
  }

  private static boolean same(TaskStatus present, TaskStatus reported) {
    return present.toBuilder()
        .clearAppliedAt()
        .clearAppliedBy()
        .build()
        .equals(reported.toBuilder().clearAppliedAt().clearAppliedBy().build());
  }

  private Decision remove(Task task) {
    transaction.delete(Kind.TASK, task.getId());
    return Outcome.accepted(transaction);
  }
}
