package dev.hanse.control.command;

import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import java.util.List;

/** Writes on tasks. */
public sealed interface TaskCommand extends Command {
  /** The most updates that one command may carry. */
  int UPDATES_MAX = 10_000;

  /**
   * What a node reports of its tasks. Updates of tasks that are not the node's own or that would
   * lead backwards are passed over.
   */
  record UpdateTaskStatuses(String nodeId, List<TaskStatusUpdate> updates) implements TaskCommand {}

  /** Removes a task from the state at once, as {@code RemoveTask} of the control API does. */
  record RemoveTask(String id) implements TaskCommand {}
}
