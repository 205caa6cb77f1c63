package dev.hanse.manager.forward;

import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.raft.log.Member;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The connections to one leader. A server admits a thousand calls in a connection, and a node takes
 * up four as long as it is there: so there may be several connections, each opened when those
 * before are full.
 */
final class LeaderConnection implements AutoCloseable {
  static final int CONNECTIONS_MAX = 8;
  static final int CALLS_MAX = 800;

  private static final Status CHANGED =
      Status.UNAVAILABLE.withDescription("the leader has changed");

  private final Member leader;
  private final Supplier<NodeIdentity> own;
  private final Supplier<ManagedChannel> open;
  private final List<Trunk> trunks = new ArrayList<>();
  private boolean closed;

  /**
   * One connection, as whom this manager has made it, and the calls in it; guarded by this
   * connection's monitor.
   */
  private record Trunk(NodeIdentity shown, ManagedChannel channel, Set<Line> lines) {}

  /**
   * Connects when first used.
   *
   * @param own who this manager is now: the leader refuses new calls on a connection when the
   *     certificate expires that it was made with
   */
  LeaderConnection(Member leader, Supplier<NodeIdentity> own, Supplier<ManagedChannel> open) {
    this.leader = leader;
    this.own = own;
    this.open = open;
  }

  Member leader() {
    return leader;
  }

  boolean isTo(Member wanted) {
    return leader.equals(wanted);
  }

  /** Room for one more call; empty if there is none, or the leader has just changed. */
  synchronized Optional<Line> line() {
    if (closed) {
      return Optional.empty();
    }
    NodeIdentity present = own.get();
    trunks.stream().filter(trunk -> !trunk.shown().equals(present)).toList().forEach(this::retire);
    List<Trunk> usable = trunks.stream().filter(trunk -> trunk.shown().equals(present)).toList();
    for (Trunk trunk : usable) {
      if (trunk.lines().size() < CALLS_MAX) {
        return Optional.of(line(trunk));
      }
    }
    if (usable.size() == CONNECTIONS_MAX) {
      return Optional.empty();
    }
    Trunk another = new Trunk(present, open.get(), new HashSet<>());
    trunks.add(another);
    return Optional.of(line(another));
  }

  private Line line(Trunk trunk) {
    Line line = new Line(trunk.channel(), done -> release(trunk, done));
    trunk.lines().add(line);
    return line;
  }

  private synchronized void release(Trunk trunk, Line line) {
    trunk.lines().remove(line);
    if (!trunk.shown().equals(own.get())) {
      retire(trunk);
    }
  }

  /** The calls that are open go on to their ends. */
  private void retire(Trunk trunk) {
    if (trunk.lines().isEmpty()) {
      trunks.remove(trunk);
      trunk.channel().shutdown();
    }
  }

  /** Another leads: calls end at once, so that nodes look for the new leader. */
  @Override
  public void close() {
    List<Trunk> ending;
    List<Line> lines = new ArrayList<>();
    synchronized (this) {
      closed = true;
      ending = List.copyOf(trunks);
      ending.forEach(trunk -> lines.addAll(trunk.lines()));
    }
    lines.forEach(line -> line.end(CHANGED));
    ending.forEach(trunk -> trunk.channel().shutdownNow());
  }
}
