package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.TaskCommand;
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
    TaskStatus kept = NodeReports.kept(task, reported);
    if (!nodes || backwards || same(present, kept)) {
      return;
    }
    TaskStatus status = kept.toBuilder().setAppliedBy(nodeId).setAppliedAt(context.now()).build();
    Task.Builder updated = task.toBuilder().setStatus(status);
    if (reported.getState() == TaskState.RUNNING && !task.getPlan().hasRunningAt()) {
      updated.getPlanBuilder().setRunningAt(context.now());
    }
    transaction.put(Kind.TASK, updated.build());
  }

  private static boolean same(TaskStatus present, TaskStatus kept) {
    return present.toBuilder().clearAppliedAt().clearAppliedBy().build().equals(kept);
  }

  private Decision remove(Task task) {
    transaction.delete(Kind.TASK, task.getId());
    return Outcome.accepted(transaction);
  }
}
