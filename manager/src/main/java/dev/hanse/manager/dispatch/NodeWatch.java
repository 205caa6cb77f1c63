package dev.hanse.manager.dispatch;

import dev.hanse.gossip.GossipView;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds out which nodes have been silent for too long: by their heartbeats, and sooner by gossip.
 * Pure bookkeeping; one thread owns it.
 */
final class NodeWatch {
  /** Nodes without a session that may still come back, and until when. */
  private final Map<String, Long> unknown = new TreeMap<>();

  private final Suspicions suspicions;

  /**
   * Begins without expectations.
   *
   * @param self this manager's own node
   */
  NodeWatch(String self) {
    this.suspicions = new Suspicions(self);
  }

  /**
   * What was found.
   *
   * @param ask nodes that are to be asked for a sign of life
   * @param down nodes that are down, and why
   */
  record Findings(Set<String> ask, Map<String, String> down) {}

  /** A node without a session has time until the deadline. */
  void expect(String nodeId, long deadlineNanos) {
    unknown.put(nodeId, deadlineNanos);
  }

  /** A node has a session again, or is none any more. */
  void expectNoLonger(String nodeId) {
    unknown.remove(nodeId);
  }

  /** A node has said something to this manager. */
  void heard(String nodeId, long nowNanos) {
    suspicions.heard(nodeId, nowNanos);
  }

  /** Takes what gossip says now in place of what it said before. */
  void listen(GossipView view) {
    suspicions.reported(view);
  }

  /** Judges all nodes; those that are found down are expected no longer. */
  Findings look(Collection<NodeSession> sessions, long nowNanos) {
    Map<String, String> down = new LinkedHashMap<>();
    Set<String> inTouch = new TreeSet<>();
    Set<String> known = new TreeSet<>(unknown.keySet());
    for (NodeSession session : sessions) {
      known.add(session.nodeId());
      if (nowNanos - session.deadlineNanos() >= 0) {
        down.put(session.nodeId(), "heartbeat failure");
      } else if (session.isOpen()) {
        inTouch.add(session.nodeId());
      }
    }
    unknown.forEach(
        (nodeId, deadline) -> {
          if (nowNanos - deadline >= 0) {
            down.put(nodeId, "heartbeat failure for node in \"unknown\" state");
          }
        });
    Suspicions.Step step = suspicions.step(inTouch, nowNanos);
    for (String nodeId : step.down()) {
      if (known.contains(nodeId)) {
        down.putIfAbsent(nodeId, "node does not answer: neither the other nodes nor this manager");
      }
    }
    unknown.keySet().removeAll(down.keySet());
    return new Findings(step.ask(), down);
  }

  /** How long until {@link #look} has something to do if nothing happens before. */
  OptionalLong waitNanos(Collection<NodeSession> sessions, long nowNanos) {
    return Stream.of(
            sessions.stream().mapToLong(NodeSession::deadlineNanos),
            unknown.values().stream().mapToLong(Long::longValue),
            suspicions.nextNanos().stream())
        .flatMapToLong(times -> times)
        .map(time -> time - nowNanos)
        .min();
  }
}
