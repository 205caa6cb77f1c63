package dev.hanse.control.decision;

import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.members.Quorum;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.Optional;

/** Decides which nodes are managers. */
final class RoleDecisions {
  private final Transaction transaction;

  RoleDecisions(Transaction transaction) {
    this.transaction = transaction;
  }

  /** Why this node must stay a manager, if it is one. */
  Optional<Rejection> checkDemotion(Node node) {
    if (node.getSpec().getDesiredRole() != NodeRole.MANAGER) {
      return Optional.empty();
    }
    if (isLastManager(node)) {
      return Outcome.precondition("attempting to demote the last manager of the swarm");
    }
    return node.hasManagerStatus() && !Quorum.survivesWithout(transaction.snapshot(), node.getId())
        ? Outcome.precondition(
            "can't remove member from the raft: this would result in a loss of quorum")
        : Optional.empty();
  }

  boolean isLastManager(Node node) {
    return transaction.snapshot().all(Kind.NODE).stream()
        .noneMatch(
            other ->
                !other.getId().equals(node.getId())
                    && other.getRole() == NodeRole.MANAGER
                    && other.getSpec().getDesiredRole() == NodeRole.MANAGER);
  }

  Decision set(Node node, NodeRole role) {
    if (node.getSpec().getDesiredRole() != role) {
      return put(node);
    }
    Node.Builder updated = node.toBuilder().setRole(role);
    if (role == NodeRole.WORKER) {
      updated.clearManagerStatus();
    }
    return put(updated.build());
  }

  Decision status(Node node, Optional<ManagerStatus> status) {
    Node.Builder updated = node.toBuilder().clearManagerStatus();
    status.ifPresent(updated::setManagerStatus);
    return put(updated.build());
  }

  Decision release(Node node) {
    Optional<Rejection> rejection = checkDemotion(node);
    return rejection.isPresent()
        ? Outcome.refused(rejection.get())
        : put(withDesiredRole(node, NodeRole.WORKER).build());
  }

  Decision alone(Node survivor) {
    for (Node node : transaction.snapshot().all(Kind.NODE)) {
      boolean manager =
          node.getRole() == NodeRole.MANAGER
              || node.getSpec().getDesiredRole() == NodeRole.MANAGER
              || node.hasManagerStatus();
      if (manager && !node.getId().equals(survivor.getId())) {
        transaction.put(
            Kind.NODE,
            withDesiredRole(node, NodeRole.WORKER)
                .setRole(NodeRole.WORKER)
                .clearManagerStatus()
                .build());
      }
    }
    return put(withDesiredRole(survivor, NodeRole.MANAGER).setRole(NodeRole.MANAGER).build());
  }

  private static Node.Builder withDesiredRole(Node node, NodeRole role) {
    return node.toBuilder().setSpec(node.getSpec().toBuilder().setDesiredRole(role));
  }

  private Decision put(Node node) {
    if (!transaction.find(Kind.NODE, node.getId()).equals(Optional.of(node))) {
      transaction.put(Kind.NODE, node);
    }
    return Outcome.accepted(transaction, node);
  }
}
