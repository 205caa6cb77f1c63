package dev.hanse.manager.log;

import dev.hanse.bounds.HeapShares;
import dev.hanse.calls.CallException;
import dev.hanse.calls.NodeCalls;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.StoreAction;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * One reader's request for logs: each node that runs a task of it is asked, by a thread of its own,
 * and what they send is mixed as it comes. A request that follows also asks nodes that get such a
 * task later. Which nodes were asked is guarded by the monitor; lines do not pass through it.
 */
final class Gathering implements ServiceLogs {
  private final Store store;
  private final NodeCalls calls;
  private final LogSelector selector;
  private final LogSubscriptionOptions options;
  private final Consumer<Gathering> whenClosed;
  private final LineBuffer lines = new LineBuffer(HeapShares.NODE_CALLS);

  private final Map<String, NodeLogs> asked = new TreeMap<>();
  private final Set<String> missing = new TreeSet<>();
  private int sending;
  private Optional<Store.Subscription> subscription = Optional.empty();
  private boolean closed;

  Gathering(
      Store store,
      NodeCalls calls,
      LogSelector selector,
      LogSubscriptionOptions options,
      Consumer<Gathering> whenClosed) {
    this.store = store;
    this.calls = calls;
    this.selector = selector;
    this.options = options;
    this.whenClosed = whenClosed;
  }

  /** Asks the nodes. */
  void begin() {
    if (options.getFollow()) {
      Store.Subscription watch = store.subscribe(this::changed);
      synchronized (this) {
        subscription = Optional.of(watch);
      }
    }
    synchronized (this) {
      ask(store.snapshot());
      endIfDone();
    }
  }

  @Override
  public Optional<List<LogMessage>> next() throws InterruptedException {
    return lines.take();
  }

  @Override
  public synchronized List<String> missing() {
    if (lines.isCut()) {
      missing.add("the reader was too slow");
    }
    return List.copyOf(missing);
  }

  @Override
  public void close() {
    endAll();
    lines.abandon();
    whenClosed.accept(this);
  }

  private void endAll() {
    List<NodeLogs> ending;
    synchronized (this) {
      closed = true;
      subscription.ifPresent(Store.Subscription::close);
      ending = List.copyOf(asked.values());
    }
    ending.forEach(NodeLogs::close);
  }

  private void changed(Snapshot before, Snapshot after, Changes changes) {
    if (concerns(after, changes)) {
      synchronized (this) {
        ask(after);
      }
    }
  }

  /** A state that has come whole names no changes. */
  private boolean concerns(Snapshot after, Changes changes) {
    if (changes.actions().isEmpty()) {
      return true;
    }
    for (StoreAction action : changes.actions()) {
      if (action.hasTask()) {
        Optional<Task> task = after.find(Kind.TASK, action.getTask().getId());
        if (task.isPresent() && selects(task.get())) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean selects(Task task) {
    return selector.getServiceIdsList().contains(task.getServiceId())
        || selector.getTaskIdsList().contains(task.getId())
        || selector.getNodeIdsList().contains(task.getNodeId());
  }

  /** With the monitor held. */
  private void ask(Snapshot snapshot) {
    Set<String> nodes = new TreeSet<>(selector.getNodeIdsList());
    for (Task task : tasks(snapshot)) {
      if (!task.getNodeId().isEmpty()) {
        nodes.add(task.getNodeId());
      } else if (!options.getFollow()) {
        missing.add("task " + task.getId() + " has not been scheduled");
      }
    }
    for (String nodeId : nodes) {
      if (!closed && !asked.containsKey(nodeId)) {
        NodeLogs node = new NodeLogs(nodeId, calls, selector, options, lines::put, this::finished);
        asked.put(nodeId, node);
        sending++;
        node.start();
      }
    }
  }

  private List<Task> tasks(Snapshot snapshot) {
    List<Task> tasks = new ArrayList<>();
    for (String serviceId : selector.getServiceIdsList()) {
      tasks.addAll(snapshot.tasksOfService(serviceId));
    }
    for (String taskId : selector.getTaskIdsList()) {
      snapshot.find(Kind.TASK, taskId).ifPresent(tasks::add);
    }
    return tasks;
  }

  /** A node has sent all that it will; a reader that is too slow is told, and not served on. */
  private synchronized void finished(Optional<CallException> failure) {
    sending--;
    failure.map(CallException::text).ifPresent(missing::add);
    if (failure.map(CallException::code).equals(Optional.of(Status.Code.RESOURCE_EXHAUSTED))) {
      lines.end();
    }
    endIfDone();
  }

  /** The manager stops: the reader is told. */
  void stop() {
    synchronized (this) {
      missing.add("the manager stops");
    }
    endAll();
    lines.end();
  }

  private void endIfDone() {
    if (sending == 0 && !options.getFollow()) {
      lines.end();
    }
  }
}
