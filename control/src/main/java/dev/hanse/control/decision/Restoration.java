package dev.hanse.control.decision;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.model.Cluster;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeStatus;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.List;
import java.util.Optional;

/**
 * What a saved state becomes when a new node takes it up as the only manager.
 *
 * <p>The managers of the saved state are removed and their certificates refused: one of them that
 * comes back holds a state of its own, and is to join anew. The workers stay, and keep their tasks,
 * but none of them has been heard yet.
 */
public final class Restoration {
  private Restoration() {}

  /**
   * Decides what changes in the saved state; the result is the {@code Cluster}. Refused if the
   * state holds no cluster, or has a node with the new manager's id.
   */
  public static Decision decide(Snapshot saved, FirstManager manager, Context context) {
    Transaction transaction = new Transaction(saved, context.now());
    Optional<Cluster> cluster = saved.cluster();
    if (cluster.isEmpty()) {
      return Outcome.refused(new Rejection.Invalid("the saved state holds no cluster"));
    }
    if (saved.find(Kind.NODE, manager.nodeId()).isPresent()) {
      return Outcome.refused(
          new Rejection.AlreadyExists("the saved state has a node " + manager.nodeId()));
    }
    for (Node node : List.copyOf(saved.all(Kind.NODE))) {
      if (node.getRole() == NodeRole.MANAGER) {
        remove(transaction, context, node);
      } else {
        transaction.put(Kind.NODE, unheard(node));
      }
    }
    transaction.put(Kind.NODE, ClusterDecisions.node(manager, cluster.get().getVXLANUDPPort()));
    return Outcome.accepted(transaction, transaction.snapshot().cluster().orElse(cluster.get()));
  }

  /** As a manager it could not be removed. */
  private static void remove(Transaction transaction, Context context, Node manager) {
    Node.Builder demoted = manager.toBuilder().clearManagerStatus();
    demoted.getSpecBuilder().setDesiredRole(NodeRole.WORKER);
    transaction.put(Kind.NODE, demoted.build());
    Decision removed =
        new NodeDecisions(transaction, context).decide(new RemoveNode(manager.getId(), true));
    if (removed instanceof Decision.Refused refused) {
      throw new IllegalStateException("removing a former manager: " + refused.rejection());
    }
  }

  /** A promotion that had begun is forgotten: who was promoted meanwhile has another state. */
  private static Node unheard(Node worker) {
    Node.Builder node = worker.toBuilder().clearManagerStatus();
    node.getSpecBuilder().setDesiredRole(NodeRole.WORKER);
    if (worker.getStatus().getState() != NodeStatus.State.DOWN) {
      node.getStatusBuilder()
          .setState(NodeStatus.State.UNKNOWN)
          .setMessage("not heard of since the cluster was restored");
    }
    return node.build();
  }
}
