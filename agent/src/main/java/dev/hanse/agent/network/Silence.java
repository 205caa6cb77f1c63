package dev.hanse.agent.network;

import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.NodeLiveness;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which nodes do not answer, as far as connections to their tasks are concerned. A node whose
 * daemon has stopped is none of them, nor one that is suspected while its machine still answers:
 * there the containers go on.
 *
 * @param nodeIds without this node itself
 * @param next when that changes if nothing is heard
 */
public record Silence(Set<String> nodeIds, Optional<Instant> next) {
  /**
   * How long a suspicion may last. It begins about half a second after the last sign of life, and
   * most are refuted at once.
   */
  public static final Duration SUSPECTED_MAX = Duration.ofMillis(500);

  /** Nobody is silent. */
  public static final Silence NONE = new Silence(Set.of(), Optional.empty());

  /** Copies the set. */
  public Silence {
    nodeIds = Set.copyOf(nodeIds);
  }

  /** What gossip says, at a moment. */
  public static Silence of(GossipView view, String self, Instant now) {
    Set<String> silent = new HashSet<>();
    Optional<Instant> next = Optional.empty();
    for (Map.Entry<String, NodeLiveness> node : view.nodes().entrySet()) {
      NodeLiveness liveness = node.getValue();
      Instant end = liveness.since().plus(SUSPECTED_MAX);
      boolean answers =
          switch (liveness.state()) {
            case ALIVE, AWAY -> true;
            case SUSPECT -> liveness.machineAnswers() || end.isAfter(now);
            case DEAD, LEFT -> false;
          };
      if (!answers && !node.getKey().equals(self)) {
        silent.add(node.getKey());
      }
      boolean pending =
          switch (liveness.state()) {
            case SUSPECT -> answers && !liveness.machineAnswers();
            case ALIVE, AWAY, DEAD, LEFT -> false;
          };
      if (pending && next.map(end::isBefore).orElse(true)) {
        next = Optional.of(end);
      }
    }
    return silent.isEmpty() && next.isEmpty() ? NONE : new Silence(silent, next);
  }
}
