package dev.hanse.control.members;

import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.RaftMemberStatus.Reachability;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.List;

/**
 * How many managers there are and how many of them answer, as their leader has last written it.
 *
 * @param reachable those that answer
 * @param unreachable those that do not
 */
public record Quorum(int reachable, int unreachable) {

  /** Of all managers. */
  public static Quorum of(Snapshot snapshot) {
    return of(snapshot, "");
  }

  private static Quorum of(Snapshot snapshot, String without) {
    List<ManagerStatus> managers =
        snapshot.all(Kind.NODE).stream()
            .filter(node -> node.hasManagerStatus() && !node.getId().equals(without))
            .map(Node::getManagerStatus)
            .toList();
    long answering =
        managers.stream()
            .filter(manager -> manager.getReachability() == Reachability.REACHABLE)
            .count();
    return new Quorum((int) answering, managers.size() - (int) answering);
  }

  /** Do {@code answering} managers of {@code all} suffice to write? */
  public static boolean reached(long answering, long all) {
    return answering >= all / 2 + 1;
  }

  /** Would the other managers be able to write without this one? */
  public static boolean survivesWithout(Snapshot snapshot, String nodeId) {
    Quorum others = of(snapshot, nodeId);
    return reached(others.reachable(), others.managers());
  }

  /** All managers. */
  public int managers() {
    return reachable + unreachable;
  }
}
