package dev.hanse.manager.dispatch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Holds back the stop of a task until no node sends it new connections: each node that takes part
 * in the task's networks must have acknowledged the endpoint message in which the task is not ready
 * any more, or be gone, or the patience must have ended. Pure bookkeeping; one thread owns it.
 */
final class StopGate {
  private record Held(String nodeId, long deadlineNanos, Map<String, Long> awaited) {}

  /**
   * An awaited index that is not known yet: the node's stream could not take the message so far.
   */
  private static final long NOT_SENT = Long.MAX_VALUE;

  private final long patienceNanos;
  private final Map<String, Held> held = new HashMap<>();

  StopGate(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  /**
   * Holds a task's stop.
   *
   * @param taskNode where the task runs
   * @param awaited by node: the index it must acknowledge, empty if it was not sent yet
   */
  void hold(String taskId, String taskNode, Map<String, OptionalLong> awaited, long nowNanos) {
    if (awaited.isEmpty()) {
      return;
    }
    Map<String, Long> indexes = new HashMap<>();
    awaited.forEach((node, index) -> indexes.put(node, index.orElse(NOT_SENT)));
    held.put(taskId, new Held(taskNode, nowNanos + patienceNanos, indexes));
  }

  /** The node was sent everything up to this index. */
  void sent(String node, long index) {
    for (Held stop : held.values()) {
      stop.awaited().computeIfPresent(node, (same, old) -> old == NOT_SENT ? index : old);
    }
  }

  /** The node has applied everything up to this index; returns nodes with a freed stop. */
  Set<String> acknowledged(String node, long index) {
    for (Held stop : held.values()) {
      stop.awaited().computeIfPresent(node, (same, wanted) -> wanted <= index ? null : wanted);
    }
    return release(Long.MIN_VALUE);
  }

  /** The node sends nobody anything any more; returns nodes with a freed stop. */
  Set<String> gone(String node) {
    for (Held stop : held.values()) {
      stop.awaited().remove(node);
    }
    return release(Long.MIN_VALUE);
  }

  /** Frees what has waited long enough; returns nodes with a freed stop. */
  Set<String> expired(long nowNanos) {
    return release(nowNanos);
  }

  private Set<String> release(long nowNanos) {
    Set<String> nodes = new HashSet<>();
    List<String> freed = new ArrayList<>();
    held.forEach(
        (task, stop) -> {
          boolean late = nowNanos != Long.MIN_VALUE && nowNanos - stop.deadlineNanos() >= 0;
          if (stop.awaited().isEmpty() || late) {
            freed.add(task);
            nodes.add(stop.nodeId());
          }
        });
    freed.forEach(held::remove);
    return nodes;
  }

  /** The tasks whose stop is held. */
  Set<String> heldTasks() {
    return Set.copyOf(held.keySet());
  }

  /** When {@link #expired} has something to do. */
  OptionalLong nextDeadlineNanos() {
    return held.values().stream().mapToLong(Held::deadlineNanos).min();
  }
}
