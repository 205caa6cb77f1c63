package dev.hanse.manager.log;

import dev.hanse.calls.CallException;
import dev.hanse.calls.NodeCall;
import dev.hanse.manager.calls.NodeLinks;
import dev.hanse.model.CallRequest;
import dev.hanse.model.Ids;
import dev.hanse.model.SubscriptionMessage;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The door for nodes that know swarmkit's LogBroker and no NodeCalls, as a Docker Engine does that
 * has joined: their subscriptions look like calls for logs, so that there is one way to gather
 * them. Its state is guarded by the monitor; lines do not pass through it.
 */
public final class LogBroker {
  private final NodeLinks links;
  private final RandomGenerator random;
  private final Map<String, BrokeredLogs> calls = new HashMap<>();

  /**
   * Without nodes.
   *
   * @param links where nodes are found by those who ask them
   */
  public LogBroker(NodeLinks links, RandomGenerator random) {
    this.links = links;
    this.random = random;
  }

  /** A node that listens to subscriptions. */
  final class Door implements NodeLinks.Link {
    private final String nodeId;
    private final Consumer<SubscriptionMessage> listener;
    private volatile boolean gone;

    private Door(String nodeId, Consumer<SubscriptionMessage> listener) {
      this.nodeId = nodeId;
      this.listener = listener;
    }

    @Override
    public NodeCall open(CallRequest request) throws CallException {
      if (!request.hasLogs()) {
        throw new CallException(
            Status.Code.UNIMPLEMENTED, "node " + nodeId + " can be asked for logs only");
      }
      synchronized (LogBroker.this) {
        if (gone) {
          throw new CallException(Status.Code.UNAVAILABLE, unexpected(nodeId));
        }
        BrokeredLogs call =
            new BrokeredLogs(Ids.random(random), nodeId, request.getLogs(), this::closed);
        calls.put(call.id(), call);
        listener.accept(call.subscription(false));
        return call;
      }
    }

    private void closed(BrokeredLogs call) {
      synchronized (LogBroker.this) {
        if (calls.remove(call.id()) != null && !gone) {
          listener.accept(call.subscription(true));
        }
      }
    }

    @Override
    public boolean isCurrent() {
      return !gone;
    }

    @Override
    public boolean isForEverything() {
      return false;
    }
  }

  /** A node can be asked from now on; the consumer must not block. */
  Door listen(String nodeId, Consumer<SubscriptionMessage> listener) {
    Door door = new Door(nodeId, listener);
    links.attach(nodeId, door);
    return door;
  }

  /** The node's stream has ended. */
  void gone(Door door) {
    links.detach(door.nodeId, door);
    synchronized (this) {
      door.gone = true;
      for (BrokeredLogs call : List.copyOf(calls.values())) {
        if (call.nodeId().equals(door.nodeId)) {
          finish(call, Optional.of(unexpected(door.nodeId)));
        }
      }
    }
  }

  private static String unexpected(String nodeId) {
    return "node " + nodeId + " disconnected unexpectedly";
  }

  /** Where a node's lines of a subscription go; empty if it was not asked or is done. */
  synchronized Optional<LineBuffer> buffer(String id, String nodeId) {
    return Optional.ofNullable(calls.get(id))
        .filter(call -> call.nodeId().equals(nodeId))
        .map(BrokeredLogs::lines);
  }

  /** The node has sent all, or failed for the reason given. */
  synchronized void finished(String id, String nodeId, Optional<String> failure) {
    Optional.ofNullable(calls.get(id))
        .filter(call -> call.nodeId().equals(nodeId))
        .ifPresent(call -> finish(call, failure));
  }

  private void finish(BrokeredLogs call, Optional<String> failure) {
    calls.remove(call.id());
    call.finish(failure);
  }

  /** Another manager leads: calls end. */
  public synchronized void leaderChanged() {
    List.copyOf(calls.values())
        .forEach(call -> finish(call, Optional.of("the leader has changed")));
  }

  /** How many subscriptions nodes serve. */
  synchronized int size() {
    return calls.size();
  }
}
