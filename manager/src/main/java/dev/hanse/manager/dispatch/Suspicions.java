package dev.hanse.manager.dispatch;

import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.NodeLiveness;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Which nodes gossip holds for dead, and whether they say otherwise themselves. Gossip alone never
 * makes a node down: its datagrams may be what does not get through. So a node that gossip suspects
 * is asked for a sign of life over its session (it answers a session's message with a heartbeat);
 * when gossip has given it up and no sign has come, or it has no session, it is down. A node that
 * does answer is asked again as long as gossip says so.
 *
 * <p>When nobody at all is alive for gossip but several should be, it is more likely this manager
 * that is cut off: then nothing is concluded and the heartbeats decide, as without gossip.
 *
 * <p>Pure bookkeeping; one thread owns it.
 */
final class Suspicions {
  /** How long a sign of life may take. */
  static final long PATIENCE_NANOS = Duration.ofMillis(700).toNanos();

  /** Between a sign of life and the next question, while gossip goes on to hold it for dead. */
  static final long RENEWAL_NANOS = Duration.ofSeconds(1).toNanos();

  /** Signs of life and questions: which was last, and when. */
  private sealed interface Contact {
    record None() implements Contact {}

    record Asked(long nanos) implements Contact {}

    record Answered(long nanos) implements Contact {}
  }

  private static final class Doubt {
    boolean givenUp;
    boolean down;
    Contact contact = new Contact.None();
  }

  private final String self;
  private final Map<String, Doubt> doubts = new HashMap<>();
  private boolean anybodyAlive;

  /**
   * Begins without doubts.
   *
   * @param self this manager's own node, which is never in doubt
   */
  Suspicions(String self) {
    this.self = self;
  }

  /**
   * What is to be done.
   *
   * @param ask nodes to ask for a sign of life now
   * @param down nodes that are down
   */
  record Step(Set<String> ask, Set<String> down) {}

  /** Takes what gossip says now in place of what it said before. */
  void reported(GossipView view) {
    doubts.keySet().retainAll(view.nodes().keySet());
    anybodyAlive = false;
    view.nodes()
        .forEach(
            (nodeId, liveness) -> {
              if (!nodeId.equals(self)) {
                reported(nodeId, liveness);
              }
            });
  }

  private void reported(String nodeId, NodeLiveness liveness) {
    switch (liveness.state()) {
      case ALIVE, AWAY -> {
        doubts.remove(nodeId);
        anybodyAlive = true;
      }
      case SUSPECT -> doubts.computeIfAbsent(nodeId, id -> new Doubt()).givenUp = false;
      case DEAD, LEFT -> doubts.computeIfAbsent(nodeId, id -> new Doubt()).givenUp = true;
    }
  }

  /** The node has said something to this manager. */
  void heard(String nodeId, long nowNanos) {
    Doubt doubt = doubts.get(nodeId);
    if (doubt != null) {
      doubt.down = false;
      doubt.contact = new Contact.Answered(nowNanos);
    }
  }

  /**
   * Decides what is to be done now.
   *
   * @param inTouch nodes with a session, which can be asked
   */
  Step step(Set<String> inTouch, long nowNanos) {
    Set<String> ask = new HashSet<>();
    Set<String> down = new HashSet<>();
    boolean cutOff = isCutOff();
    doubts.forEach(
        (nodeId, doubt) -> {
          if (doubt.down) {
            return;
          }
          boolean askable = inTouch.contains(nodeId);
          boolean silent =
              switch (doubt.contact) {
                case Contact.None() -> !askable;
                case Contact.Asked(long at) -> !askable || nowNanos - at >= PATIENCE_NANOS;
                case Contact.Answered(long at) -> !askable && nowNanos - at >= RENEWAL_NANOS;
              };
          if (doubt.givenUp && silent && !cutOff) {
            doubt.down = true;
            down.add(nodeId);
          } else if (askable && isToBeAsked(doubt, nowNanos)) {
            doubt.contact = new Contact.Asked(nowNanos);
            ask.add(nodeId);
          }
        });
    return new Step(ask, down);
  }

  private static boolean isToBeAsked(Doubt doubt, long nowNanos) {
    return switch (doubt.contact) {
      case Contact.None() -> true;
      case Contact.Asked _ -> false;
      case Contact.Answered(long at) -> doubt.givenUp && nowNanos - at >= RENEWAL_NANOS;
    };
  }

  private boolean isCutOff() {
    return !anybodyAlive && doubts.values().stream().filter(doubt -> !doubt.down).count() > 1;
  }

  /** When {@link #step} has something to do if nothing is heard; empty if never. */
  OptionalLong nextNanos() {
    if (isCutOff()) {
      return OptionalLong.empty();
    }
    return doubts.values().stream()
        .filter(doubt -> doubt.givenUp && !doubt.down)
        .flatMapToLong(
            doubt ->
                switch (doubt.contact) {
                  case Contact.None() -> LongStream.empty();
                  case Contact.Asked(long at) -> LongStream.of(at + PATIENCE_NANOS);
                  case Contact.Answered(long at) -> LongStream.of(at + RENEWAL_NANOS);
                })
        .min();
  }
}
