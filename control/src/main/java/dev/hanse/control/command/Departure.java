package dev.hanse.control.command;

import dev.hanse.control.Rejection;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.Optional;

/** Whether a node may leave; the leaving itself is the node's own affair. */
public final class Departure {
  private Departure() {}

  /** Why {@code nodeId} may not leave without force; workers always may. */
  public static Optional<Rejection> check(Snapshot snapshot, String nodeId, boolean force) {
    boolean manager = snapshot.find(Kind.NODE, nodeId).map(Departure::isManager).orElse(false);
    if (!manager || force) {
      return Optional.empty();
    }
    long managers = snapshot.all(Kind.NODE).stream().filter(Departure::isManager).count();
    String consequence =
        managers <= 1
            ? "Removing the last manager erases all current state of the swarm. Use `--force` to"
                + " ignore this message. "
            : "The only way to restore a swarm that has lost consensus is to reinitialize it with"
                + " `--force-new-cluster`. Use `--force` to suppress this message.";
    return Outcome.precondition(
        "You are attempting to leave the swarm on a node that is participating as a manager. "
            + consequence);
  }

  private static boolean isManager(Node node) {
    return node.getRole() == NodeRole.MANAGER;
  }
}
