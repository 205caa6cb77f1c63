package dev.hanse.manager.forward;

import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.loop.ControlStep;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.Member;
import io.grpc.Status;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The way to the manager that leads. There is one leader at a time; as soon as another is known,
 * calls to the former one end.
 */
public final class LeaderRoute implements AutoCloseable {
  /** There is no leader, or this manager does not know it. */
  public static final Status NO_LEADER = Status.UNAVAILABLE.withDescription(ControlStep.NO_LEADER);

  private final TlsCredentials credentials;
  private final Supplier<Optional<ReplicatedLog>> log;

  // Guarded by this.
  private Optional<LeaderConnection> current = Optional.empty();
  private boolean closed;

  /**
   * Creates the route; it connects when first used.
   *
   * @param credentials who this manager is
   * @param log says who leads; empty while the manager starts
   */
  public LeaderRoute(TlsCredentials credentials, Supplier<Optional<ReplicatedLog>> log) {
    this.credentials = credentials;
    this.log = log;
  }

  /** Has a manager said that it knows of no leader? Then nothing was done. */
  static boolean isWithoutLeader(Status status) {
    return status.getCode() == NO_LEADER.getCode()
        && ControlStep.NO_LEADER.equals(status.getDescription());
  }

  /** The leader, if it is known and another manager. */
  public Optional<Member> leader() {
    return log.get()
        .flatMap(
            members ->
                members
                    .leader()
                    .filter(nodeId -> !nodeId.equals(credentials.identity().nodeId()))
                    .flatMap(
                        nodeId ->
                            members.members().stream()
                                .filter(member -> member.nodeId().equals(nodeId))
                                .findFirst()));
  }

  /**
   * Room for a call to the leader, to be closed when the call is over.
   *
   * @throws io.grpc.StatusRuntimeException UNAVAILABLE without a leader, RESOURCE_EXHAUSTED if too
   *     many calls are open
   */
  Line line() {
    Member leader = leader().orElseThrow(NO_LEADER::asRuntimeException);
    return connection(leader)
        .line()
        .orElseThrow(
            () ->
                Status.RESOURCE_EXHAUSTED
                    .withDescription("too many calls are open to the leader")
                    .asRuntimeException());
  }

  private LeaderConnection connection(Member leader) {
    Optional<LeaderConnection> former;
    LeaderConnection connection;
    synchronized (this) {
      if (closed) {
        throw NO_LEADER.asRuntimeException();
      }
      former = current.filter(known -> !known.isTo(leader));
      connection =
          current
              .filter(known -> known.isTo(leader))
              .orElseGet(
                  () ->
                      new LeaderConnection(
                          leader,
                          credentials::identity,
                          () -> ManagerChannel.open(leader.address(), credentials)));
      current = Optional.of(connection);
    }
    former.ifPresent(LeaderConnection::close);
    return connection;
  }

  /**
   * Told by the log, whose thread it does not hold up. While nobody leads the former connection is
   * kept: the same manager may well go on.
   */
  public void leaderChanged(Optional<String> nodeId) {
    Optional<LeaderConnection> former;
    synchronized (this) {
      former =
          current.filter(
              known -> nodeId.isPresent() && !known.leader().nodeId().equals(nodeId.get()));
      if (former.isPresent()) {
        current = Optional.empty();
      }
    }
    former.ifPresent(
        connection -> Thread.ofVirtual().name("hanse-leader-changed").start(connection::close));
  }

  @Override
  public void close() {
    Optional<LeaderConnection> last;
    synchronized (this) {
      closed = true;
      last = current;
      current = Optional.empty();
    }
    last.ifPresent(LeaderConnection::close);
  }
}
