package dev.hanse.control.scheduler;

import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import java.util.Optional;

/** Whether a node gets new tasks at all, whatever they are. */
public final class Readiness {
  private Readiness() {}

  /** Whether a new task may be put on this node, as far as the node is concerned. */
  public static boolean takesNewTasks(Node node) {
    return veto(node).isEmpty();
  }

  /** The objection to any new task; empty if there is none. */
  static Optional<Veto> veto(Node node) {
    if (node.getStatus().getState() != NodeStatus.State.READY
        || node.getSpec().getAvailability() != NodeSpec.Availability.ACTIVE) {
      return Optional.of(Veto.NOT_READY);
    }
    return node.getStatus().getIllness().isEmpty() ? Optional.empty() : Optional.of(Veto.UNHEALTHY);
  }
}
