package dev.hanse.agent.dispatch;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.model.TaskStatus;
import dev.hanse.model.UpdateTaskStatusRequest.TaskStatusUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The statuses that managers are to know: of each task the last one, sent until it has arrived. The
 * agent's loop writes, a session's sender takes; bounded by the number of tasks on the node.
 */
public final class StatusReports {
  /** With one more a batch is no longer than a request that managers take of a worker. */
  private static final int BATCH_BYTES_MAX = 32 << 10;

  private final Map<String, TaskStatus> latest = new HashMap<>();
  private final Set<String> unsent = new LinkedHashSet<>();

  /** The workload of a task has a new status. */
  public void report(Workload workload) {
    report(workload.id(), SwarmWorkloads.status(workload));
  }

  /** A task has a new status. */
  synchronized void report(String taskId, TaskStatus status) {
    latest.put(taskId, status);
    unsent.add(taskId);
    notifyAll();
  }

  /** A task is no longer this node's. */
  public synchronized void forget(String taskId) {
    latest.remove(taskId);
    unsent.remove(taskId);
  }

  /** A new session has begun: its manager may have missed any of them. */
  public synchronized void resendAll() {
    unsent.addAll(latest.keySet());
    notifyAll();
  }

  /** Is there nothing to send? */
  public synchronized boolean isEmpty() {
    return unsent.isEmpty();
  }

  /** Takes the oldest reports; waits until there is one. */
  public synchronized List<TaskStatusUpdate> take(int countMax) throws InterruptedException {
    while (unsent.isEmpty()) {
      wait();
    }
    List<TaskStatusUpdate> batch = new ArrayList<>();
    int bytes = 0;
    for (String taskId : unsent) {
      TaskStatusUpdate update =
          TaskStatusUpdate.newBuilder()
              .setTaskId(taskId)
              .setStatus(Objects.requireNonNull(latest.get(taskId)))
              .build();
      batch.add(update);
      bytes += update.getSerializedSize();
      if (batch.size() == countMax || bytes >= BATCH_BYTES_MAX) {
        break;
      }
    }
    batch.forEach(update -> unsent.remove(update.getTaskId()));
    return batch;
  }

  /** A batch did not arrive: its tasks are sent again, with what is their latest status then. */
  public synchronized void failed(List<TaskStatusUpdate> batch) {
    for (TaskStatusUpdate update : batch) {
      if (latest.containsKey(update.getTaskId())) {
        unsent.add(update.getTaskId());
      }
    }
    notifyAll();
  }
}
