package dev.hanse.manager.calls;

import dev.hanse.calls.CallException;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.NodeCalls;
import dev.hanse.model.CallRequest;
import dev.hanse.model.StoreAction;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The nodes that the leader can ask, each by the stream that it has opened. A node that opens
 * another one is asked by that from then on.
 */
public final class NodeLinks implements NodeCalls, AutoCloseable {
  /** So many calls may wait for nodes that are not in touch. */
  static final int WAITING_MAX = 10_000;

  private static final String LEADER_CHANGED = "the leader has changed";

  /** A way to one node. */
  public interface Link {
    /** Asks the node; see {@link NodeCalls#open}. */
    NodeCall open(CallRequest request) throws CallException, InterruptedException;

    /** Is the node in touch by it? */
    boolean isCurrent();

    /**
     * Can it be asked anything? Else logs only, and the node is asked by another link if it has.
     */
    boolean isForEverything();
  }

  /** Who waits for a node. */
  private static final class Waiting {
    private final Condition changed;
    private int count;

    Waiting(Condition changed) {
      this.changed = changed;
    }
  }

  private final Store store;
  private final Store.Subscription subscription;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Link> links = new HashMap<>();
  private final Map<String, Link> forLogsOnly = new HashMap<>();
  private final Map<String, Waiting> waiting = new HashMap<>();
  private int waitingCount;
  private boolean closed;

  /** Without links. */
  public NodeLinks(Store store) {
    this.store = store;
    this.subscription = store.subscribe(this::changed);
  }

  /** A node can be asked from now on. */
  public void attach(String nodeId, Link link) {
    lock.lock();
    try {
      links(link).put(nodeId, link);
      wake(nodeId);
    } finally {
      lock.unlock();
    }
  }

  /** A link has ended. */
  public void detach(String nodeId, Link link) {
    lock.lock();
    try {
      links(link).remove(nodeId, link);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public NodeCall open(String nodeId, CallRequest request, boolean wait)
      throws CallException, InterruptedException {
    return (wait ? await(nodeId) : find(nodeId)).open(request);
  }

  private Link find(String nodeId) throws CallException {
    lock.lock();
    try {
      return link(nodeId)
          .orElseThrow(
              () ->
                  new CallException(
                      Status.Code.UNAVAILABLE, "node " + nodeId + " is not available"));
    } finally {
      lock.unlock();
    }
  }

  private Link await(String nodeId) throws CallException, InterruptedException {
    lock.lockInterruptibly();
    try {
      Optional<Link> found = link(nodeId);
      if (found.isPresent()) {
        return found.get();
      }
      if (waitingCount >= WAITING_MAX) {
        throw new CallException(
            Status.Code.RESOURCE_EXHAUSTED, "too many calls wait for nodes that are not available");
      }
      Waiting here = waiting.computeIfAbsent(nodeId, id -> new Waiting(lock.newCondition()));
      here.count++;
      waitingCount++;
      try {
        while (found.isEmpty()) {
          here.changed.await();
          found = link(nodeId);
        }
        return found.get();
      } finally {
        waitingCount--;
        if (--here.count == 0) {
          waiting.remove(nodeId);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** With the lock held. */
  private Optional<Link> link(String nodeId) throws CallException {
    if (closed) {
      throw new CallException(Status.Code.UNAVAILABLE, LEADER_CHANGED);
    }
    if (store.snapshot().find(Kind.NODE, nodeId).isEmpty()) {
      throw new CallException(Status.Code.NOT_FOUND, "node " + nodeId + " not found");
    }
    return Optional.ofNullable(links.get(nodeId))
        .filter(Link::isCurrent)
        .or(() -> Optional.ofNullable(forLogsOnly.get(nodeId)).filter(Link::isCurrent));
  }

  private Map<String, Link> links(Link link) {
    return link.isForEverything() ? links : forLogsOnly;
  }

  private void wake(String nodeId) {
    Waiting here = waiting.get(nodeId);
    if (here != null) {
      here.changed.signalAll();
    }
  }

  /** Who waits for a node that is removed need not wait any more. */
  private void changed(Snapshot before, Snapshot after, Changes changes) {
    for (StoreAction action : changes.actions()) {
      if (action.hasNode() && after.find(Kind.NODE, action.getNode().getId()).isEmpty()) {
        lock.lock();
        try {
          wake(action.getNode().getId());
        } finally {
          lock.unlock();
        }
      }
    }
  }

  /** Another manager leads: who waits is told, and nothing can be asked. */
  @Override
  public void close() {
    subscription.close();
    lock.lock();
    try {
      closed = true;
      links.clear();
      forLogsOnly.clear();
      waiting.values().forEach(here -> here.changed.signalAll());
    } finally {
      lock.unlock();
    }
  }

  /** How many calls wait for nodes. */
  int waiting() {
    lock.lock();
    try {
      return waitingCount;
    } finally {
      lock.unlock();
    }
  }
}
