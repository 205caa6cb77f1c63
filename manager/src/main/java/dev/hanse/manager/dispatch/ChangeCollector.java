package dev.hanse.manager.dispatch;

import dev.hanse.control.Tasks;
import dev.hanse.control.endpoints.TouchedObjects;
import dev.hanse.model.StoreAction;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Adds up what committed changes mean for the nodes, until the dispatch loop takes the sum. Written
 * by the thread that applies the log, hence quick; guarded by its monitor.
 */
final class ChangeCollector implements Store.Listener {
  private final Runnable wake;
  private Sum sum;

  /** Starts from a state that the loop knows. */
  ChangeCollector(Snapshot known, Runnable wake) {
    this.wake = wake;
    this.sum = new Sum(known);
  }

  /** What is to be looked at. */
  static final class Sum {
    /** The state after exactly these changes. */
    Snapshot snapshot;

    /** Nodes whose assignments may differ. */
    final Set<String> assignments = new HashSet<>();

    /** Nodes that were themselves changed or removed. */
    final Set<String> nodes = new HashSet<>();

    /** Tasks that run and are to stop from now on. */
    final Set<String> stops = new HashSet<>();

    /** What endpoint tables may differ by. */
    final TouchedObjects endpoints = new TouchedObjects();

    /** What each session tells of the cluster: its keys, its root, its managers. */
    boolean cluster;

    boolean everything;

    Sum(Snapshot snapshot) {
      this.snapshot = snapshot;
    }

    boolean isEmpty() {
      return assignments.isEmpty()
          && nodes.isEmpty()
          && stops.isEmpty()
          && endpoints.isEmpty()
          && !cluster
          && !everything;
    }
  }

  @Override
  public void changed(Snapshot before, Snapshot after, Changes changes) {
    synchronized (this) {
      sum.snapshot = after;
      sum.everything |= changes.isEmpty();
      for (StoreAction action : changes.actions()) {
        add(before, after, action);
      }
    }
    wake.run();
  }

  synchronized Sum take() {
    Sum taken = sum;
    sum = new Sum(taken.snapshot);
    return taken;
  }

  synchronized boolean isEmpty() {
    return sum.isEmpty();
  }

  private void add(Snapshot before, Snapshot after, StoreAction action) {
    sum.endpoints.add(before, after, action);
    switch (action.getTargetCase()) {
      case TASK -> addTask(before, after, action.getTask().getId());
      case NODE -> addNode(before, after, action.getNode().getId());
      case SECRET -> addNodesOf(after.tasksOfSecret(action.getSecret().getId()));
      case CONFIG -> addNodesOf(after.tasksOfConfig(action.getConfig().getId()));
      case CLUSTER -> sum.cluster = true;
      case SERVICE, NETWORK, RESOURCE, EXTENSION, VOLUME, TARGET_NOT_SET -> {}
    }
  }

  private void addTask(Snapshot before, Snapshot after, String taskId) {
    Optional<Task> old = before.find(Kind.TASK, taskId);
    Optional<Task> now = after.find(Kind.TASK, taskId);
    old.filter(task -> !task.getNodeId().isEmpty())
        .ifPresent(task -> sum.assignments.add(task.getNodeId()));
    now.filter(task -> !task.getNodeId().isEmpty())
        .ifPresent(task -> sum.assignments.add(task.getNodeId()));
    if (now.isPresent()
        && now.get().getStatus().getState() == TaskState.RUNNING
        && Tasks.hasToStop(now.get())
        && old.map(task -> !Tasks.hasToStop(task)).orElse(false)) {
      sum.stops.add(taskId);
    }
  }

  private void addNode(Snapshot before, Snapshot after, String nodeId) {
    sum.nodes.add(nodeId);
    Optional<String> old = before.find(Kind.NODE, nodeId).flatMap(SessionMessages::place);
    Optional<String> now = after.find(Kind.NODE, nodeId).flatMap(SessionMessages::place);
    // A node that is not told of a new manager is lost when the others are gone.
    sum.cluster |= !old.equals(now);
  }

  private void addNodesOf(Iterable<Task> tasks) {
    for (Task task : tasks) {
      sum.assignments.add(task.getNodeId());
    }
  }
}
