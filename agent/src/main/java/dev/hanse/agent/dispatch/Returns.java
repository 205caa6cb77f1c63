package dev.hanse.agent.dispatch;

import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Hears from the gossip that a manager is there again, so that a node without a session need not
 * wait until it would have tried again anyway: after a partition, after the restart of a manager.
 */
public final class Returns {
  private final Supplier<List<String>> managers;
  private final Consumer<String> returned;
  private GossipView before = GossipView.EMPTY;

  /**
   * Listens for managers.
   *
   * @param managers "HOST:PORT" of those that are known
   * @param returned told of one of them that is there again; must not block
   */
  public Returns(Supplier<List<String>> managers, Consumer<String> returned) {
    this.managers = managers;
    this.returned = returned;
  }

  /** Takes the next view. */
  public synchronized void listen(GossipView view) {
    Optional<String> manager = returned(before, view, managers.get());
    before = view;
    manager.ifPresent(returned);
  }

  /** The first of the managers whose host answers now and did not before. */
  static Optional<String> returned(GossipView before, GossipView after, List<String> managers) {
    List<String> hosts =
        after.nodes().entrySet().stream()
            .filter(node -> node.getValue().state() == MemberState.ALIVE)
            .filter(node -> !before.state(node.getKey()).equals(Optional.of(MemberState.ALIVE)))
            .map(Map.Entry::getValue)
            .map(node -> host(node.address()))
            .toList();
    return managers.stream().filter(manager -> hosts.contains(host(manager))).findFirst();
  }

  /** Managers gossip on another port than they serve on. */
  private static String host(String address) {
    int colon = address.lastIndexOf(':');
    return colon < 0 ? address : address.substring(0, colon);
  }
}
