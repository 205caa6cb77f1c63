package dev.hanse.control.members;

import dev.hanse.control.Rejection;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.RaftMemberStatus.Reachability;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.Optional;

/**
 * Whether a node may leave without force, in the words of <a
 * href="https://github.com/moby/moby/blob/master/daemon/cluster/swarm.go">Docker's daemon</a>; the
 * leaving itself is the node's own affair.
 */
public final class Departure {
  private static final String MANAGER =
      "You are attempting to leave the swarm on a node that is participating as a manager. ";
  private static final String LAST =
      "Removing the last manager erases all current state of the swarm. Use `--force` to ignore"
          + " this message. ";
  private static final String RESTORE =
      "The only way to restore a swarm that has lost consensus is to reinitialize it with"
          + " `--force-new-cluster`. Use `--force` to suppress this message.";

  private Departure() {}

  /** Why {@code nodeId} may not leave without force; workers always may. */
  public static Optional<Rejection> check(Snapshot snapshot, String nodeId, boolean force) {
    Optional<Node> node = snapshot.find(Kind.NODE, nodeId);
    boolean manager = node.map(found -> found.getRole() == NodeRole.MANAGER).orElse(false);
    return manager && !force
        ? Optional.of(
            new Rejection.FailedPrecondition(
                warning(Quorum.of(snapshot), node.map(Departure::answers).get())))
        : Optional.empty();
  }

  /** The warning of a manager that knows nothing of the others now. */
  public static String unknownConsequence() {
    return MANAGER + "Doing so may lose the consensus of your cluster. " + RESTORE;
  }

  private static boolean answers(Node node) {
    return node.getManagerStatus().getReachability() == Reachability.REACHABLE;
  }

  private static String warning(Quorum quorum, boolean active) {
    if (quorum.managers() <= 1) {
      return MANAGER + LAST;
    }
    if (!active || quorum.reachable() - 2 > quorum.unreachable()) {
      return MANAGER + RESTORE;
    }
    return MANAGER
        + "Removing this node leaves %d managers out of %d. Without a Raft quorum your swarm will be inaccessible. "
            .formatted(quorum.reachable() - 1, quorum.managers())
        + RESTORE;
  }
}
