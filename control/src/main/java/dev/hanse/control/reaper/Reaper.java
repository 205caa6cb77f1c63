package dev.hanse.control.reaper;

import dev.hanse.control.Context;
import dev.hanse.control.Tasks;
import dev.hanse.control.orchestrator.Mode;
import dev.hanse.model.Cluster;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Removes tasks that have ended and are no longer of interest. */
public final class Reaper {
  private final Transaction transaction;
  private final Context context;
  private final long historyLimit;

  private record Place(long slot, String nodeId) {}

  /** For one pass. */
  public Reaper(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
    this.historyLimit =
        transaction
            .snapshot()
            .cluster()
            .orElse(Cluster.getDefaultInstance())
            .getSpec()
            .getOrchestration()
            .getTaskHistoryRetentionLimit();
  }

  /** Looks at the tasks of one service, or with an empty id at those that belong to none. */
  public void run(String serviceId) {
    boolean byNode =
        transaction
            .find(Kind.SERVICE, serviceId)
            .flatMap(service -> Mode.of(service.getSpec()))
            .filter(Mode::followsNodes)
            .isPresent();
    Map<Place, List<Task>> places = new HashMap<>();
    for (Task found : transaction.snapshot().tasksOfService(serviceId)) {
      Task task = endUnassigned(found);
      if (isDone(task)) {
        transaction.delete(Kind.TASK, task.getId());
      } else {
        Place place = new Place(task.getSlot(), byNode ? task.getNodeId() : "");
        places.computeIfAbsent(place, key -> new ArrayList<>()).add(task);
      }
    }
    if (historyLimit >= 0) {
      places.values().forEach(this::trim);
    }
  }

  /** Looks at the network attachments of containers that are no service's tasks. */
  public void runAttachments() {
    for (Task task : transaction.snapshot().tasksOfService("")) {
      boolean homeless = transaction.find(Kind.NODE, task.getNodeId()).isEmpty();
      if (task.getSpec().hasAttachment() && (homeless || Tasks.isDead(task))) {
        transaction.delete(Kind.TASK, task.getId());
      }
    }
  }

  /** What never reached a node has nobody who would report its end. */
  private Task endUnassigned(Task task) {
    if (Tasks.isWanted(task) || Tasks.isAssigned(task)) {
      return task;
    }
    Task ended =
        task.toBuilder()
            .setStatus(
                TaskStatus.newBuilder()
                    .setState(TaskState.SHUTDOWN)
                    .setMessage("shutdown before it was assigned to a node")
                    .setTimestamp(context.now())
                    .setAppliedAt(context.now()))
            .build();
    transaction.put(Kind.TASK, ended);
    return ended;
  }

  private boolean isDone(Task task) {
    boolean nobodyReports =
        !task.getNodeId().isEmpty()
            && !Tasks.isWanted(task)
            && !Tasks.endedByItself(task)
            && transaction.find(Kind.NODE, task.getNodeId()).isEmpty();
    return nobodyReports || (task.getDesiredState() == TaskState.REMOVE && Tasks.isDead(task));
  }

  /** Keeps the newest of a slot: what it is there for says the newest task's end, too. */
  private void trim(List<Task> tasks) {
    tasks.sort(Tasks.BY_AGE);
    long surplus = tasks.size() - Math.max(1, historyLimit);
    for (Task task : tasks.subList(0, tasks.size() - 1)) {
      if (surplus > 0 && !Tasks.isWanted(task) && Tasks.isDead(task)) {
        transaction.delete(Kind.TASK, task.getId());
        surplus--;
      }
    }
  }
}
