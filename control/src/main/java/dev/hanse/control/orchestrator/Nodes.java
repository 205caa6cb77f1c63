package dev.hanse.control.orchestrator;

import dev.hanse.control.scheduler.Constraint;
import dev.hanse.model.Node;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.NodeStatus;
import dev.hanse.model.Placement;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.Optional;

/** What the orchestrator has to know of nodes. */
final class Nodes {
  private final Transaction transaction;

  Nodes(Transaction transaction) {
    this.transaction = transaction;
  }

  /** Whether nobody answers for a node any more; tasks on it stop nobody. */
  boolean isGone(String nodeId) {
    return find(nodeId)
        .map(node -> node.getStatus().getState() == NodeStatus.State.DOWN)
        .orElse(true);
  }

  /** Whether an assigned task must leave its node, even if that answered. */
  boolean hasToLeave(Task task) {
    if (task.getNodeId().isEmpty()) {
      return false;
    }
    Optional<Node> node = find(task.getNodeId());
    return node.isEmpty()
        || node.get().getSpec().getAvailability() == NodeSpec.Availability.DRAIN
        || !satisfies(node.get(), task.getSpec().getPlacement());
  }

  /** Whether a global service has a task on this node, if that answers. */
  static boolean isEligible(Node node, Placement placement) {
    return node.getSpec().getMembership() == NodeSpec.Membership.ACCEPTED
        && node.getSpec().getAvailability() != NodeSpec.Availability.DRAIN
        && satisfies(node, placement);
  }

  static boolean satisfies(Node node, Placement placement) {
    if (placement.getConstraintsCount() == 0) {
      return true;
    }
    return switch (Constraint.parse(placement.getConstraintsList())) {
      case Constraint.Parsed.Constraints parsed ->
          parsed.constraints().stream().allMatch(constraint -> constraint.allows(node));
      case Constraint.Parsed.Malformed malformed -> false;
    };
  }

  Optional<Node> find(String nodeId) {
    return transaction.find(Kind.NODE, nodeId);
  }
}
