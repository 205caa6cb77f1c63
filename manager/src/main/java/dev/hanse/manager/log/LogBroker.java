package dev.hanse.manager.log;

import dev.hanse.bounds.HeapShares;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.model.Ids;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.StoreAction;
import dev.hanse.model.SubscriptionMessage;
import dev.hanse.model.Task;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings readers and nodes together. A request goes to each node that runs a task of it; a request
 * that follows also goes to nodes that get such a task later. All state is guarded by the monitor;
 * nothing waits inside it, lines do not pass through it.
 */
public final class LogBroker implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(LogBroker.class);
  private static final int REQUESTS_MAX = 1_000;
  private static final String LEADER_CHANGED = "the leader has changed";

  private final Store store;
  private final RandomGenerator random;
  private final Store.Subscription subscription;
  private final Map<String, Request> requests = new HashMap<>();
  private final Map<String, Consumer<SubscriptionMessage>> listeners = new HashMap<>();

  private boolean closed;

  /** Starts with no requests. */
  public LogBroker(Store store, RandomGenerator random) {
    this.store = store;
    this.random = random;
    this.subscription = store.subscribe(this::changed);
  }

  /** One reader's request. Its sets are guarded by the broker's monitor. */
  private final class Request implements ServiceLogs {
    private final String id;
    private final LogSelector selector;
    private final LogSubscriptionOptions options;
    private final LineBuffer lines = new LineBuffer(HeapShares.NODE_CALLS);

    /** Nodes that were asked and are not done. */
    private final Set<String> sending = new HashSet<>();

    private final Set<String> asked = new HashSet<>();
    private final Set<String> missing = new TreeSet<>();

    Request(String id, LogSelector selector, LogSubscriptionOptions options) {
      this.id = id;
      this.selector = selector;
      this.options = options;
    }

    @Override
    public Optional<List<LogMessage>> next() throws InterruptedException {
      return lines.take();
    }

    @Override
    public List<String> missing() {
      synchronized (LogBroker.this) {
        if (lines.isCut()) {
          missing.add("the reader was too slow");
        }
        return List.copyOf(missing);
      }
    }

    @Override
    public void close() {
      forget(this);
      lines.abandon();
    }

    SubscriptionMessage message(boolean close) {
      return SubscriptionMessage.newBuilder()
          .setId(id)
          .setSelector(selector)
          .setOptions(options)
          .setClose(close)
          .build();
    }
  }

  /**
   * Begins gathering.
   *
   * @throws IllegalStateException if too many requests are open
   * @throws io.grpc.StatusRuntimeException UNAVAILABLE if it is closed
   */
  public synchronized ServiceLogs read(LogSelector selector, LogSubscriptionOptions options) {
    if (closed) {
      throw Status.UNAVAILABLE.withDescription(LEADER_CHANGED).asRuntimeException();
    }
    if (requests.size() >= REQUESTS_MAX) {
      throw new IllegalStateException("too many log requests are open");
    }
    Request request = new Request(Ids.random(random), selector, options);
    requests.put(request.id, request);
    ask(request, store.snapshot());
    endIfDone(request);
    return request;
  }

  /** A node can be asked from now on; the consumer must not block. */
  synchronized void listen(String nodeId, Consumer<SubscriptionMessage> listener) {
    listeners.put(nodeId, listener);
    for (Request request : requests.values()) {
      if (request.options.getFollow()) {
        request.asked.remove(nodeId);
        ask(request, store.snapshot());
      }
    }
  }

  /** The node's stream has ended. */
  synchronized void gone(String nodeId, Consumer<SubscriptionMessage> listener) {
    if (listeners.remove(nodeId, listener)) {
      for (Request request : List.copyOf(requests.values())) {
        if (request.sending.contains(nodeId)) {
          finished(request, nodeId, Optional.of("node " + nodeId + " disconnected unexpectedly"));
        }
      }
    }
  }

  /** The buffer that a node's lines of a request go to; empty if it was not asked or is done. */
  synchronized Optional<LineBuffer> buffer(String requestId, String nodeId) {
    return Optional.ofNullable(requests.get(requestId))
        .filter(request -> request.sending.contains(nodeId))
        .map(request -> request.lines);
  }

  /** The node has sent all, or failed for the reason given. */
  synchronized void finished(String requestId, String nodeId, Optional<String> failure) {
    Request request = requests.get(requestId);
    if (request != null && request.sending.contains(nodeId)) {
      finished(request, nodeId, failure);
    }
  }

  @Override
  public synchronized void close() {
    subscription.close();
    closed = true;
    for (Request request : requests.values()) {
      request.missing.add(LEADER_CHANGED);
      request.lines.end();
    }
    requests.clear();
  }

  private void finished(Request request, String nodeId, Optional<String> failure) {
    request.sending.remove(nodeId);
    failure.ifPresent(request.missing::add);
    endIfDone(request);
  }

  private void endIfDone(Request request) {
    if (request.sending.isEmpty() && !request.options.getFollow()) {
      request.lines.end();
    }
  }

  private synchronized void forget(Request request) {
    if (requests.remove(request.id) != null) {
      for (String nodeId : request.sending) {
        Optional.ofNullable(listeners.get(nodeId))
            .ifPresent(listener -> listener.accept(request.message(true)));
      }
    }
  }

  private synchronized void changed(Snapshot before, Snapshot after, Changes changes) {
    for (Request request : requests.values()) {
      if (request.options.getFollow() && concerns(request, after, changes)) {
        ask(request, after);
      }
    }
  }

  private static boolean concerns(Request request, Snapshot after, Changes changes) {
    for (StoreAction action : changes.actions()) {
      if (action.hasTask()) {
        Optional<Task> task = after.find(Kind.TASK, action.getTask().getId());
        if (task.isPresent() && selects(request.selector, task.get())) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean selects(LogSelector selector, Task task) {
    return selector.getServiceIdsList().contains(task.getServiceId())
        || selector.getTaskIdsList().contains(task.getId())
        || selector.getNodeIdsList().contains(task.getNodeId());
  }

  private void ask(Request request, Snapshot snapshot) {
    Set<String> nodes = new TreeSet<>(request.selector.getNodeIdsList());
    for (Task task : tasks(request.selector, snapshot)) {
      if (task.getNodeId().isEmpty()) {
        if (!request.options.getFollow()) {
          request.missing.add("task " + task.getId() + " has not been scheduled");
        }
      } else {
        nodes.add(task.getNodeId());
      }
    }
    for (String nodeId : nodes) {
      if (request.asked.add(nodeId)) {
        ask(request, nodeId);
      }
    }
  }

  private void ask(Request request, String nodeId) {
    Consumer<SubscriptionMessage> listener = listeners.get(nodeId);
    if (listener == null) {
      request.missing.add("node " + nodeId + " is not available");
      logger.debug("logs {}: node {} is not available", request.id, nodeId);
    } else {
      request.sending.add(nodeId);
      listener.accept(request.message(false));
    }
  }

  private static List<Task> tasks(LogSelector selector, Snapshot snapshot) {
    List<Task> tasks = new ArrayList<>();
    for (String serviceId : selector.getServiceIdsList()) {
      tasks.addAll(snapshot.tasksOfService(serviceId));
    }
    for (String taskId : selector.getTaskIdsList()) {
      snapshot.find(Kind.TASK, taskId).ifPresent(tasks::add);
    }
    return tasks;
  }
}
