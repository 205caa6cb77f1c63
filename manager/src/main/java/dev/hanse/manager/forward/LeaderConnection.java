package dev.hanse.manager.forward;

import dev.hanse.raft.Member;
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
  private final Supplier<ManagedChannel> open;
  private final List<Trunk> trunks = new ArrayList<>();
  private boolean closed;

  /** One connection and the calls in it; guarded by this connection's monitor. */
  private record Trunk(ManagedChannel channel, Set<Line> lines) {}

  LeaderConnection(Member leader, Supplier<ManagedChannel> open) {
    this.leader = leader;
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
    for (Trunk trunk : trunks) {
      if (trunk.lines().size() < CALLS_MAX) {
        return Optional.of(line(trunk));
      }
    }
    if (trunks.size() == CONNECTIONS_MAX) {
      return Optional.empty();
    }
    Trunk another = new Trunk(open.get(), new HashSet<>());
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
