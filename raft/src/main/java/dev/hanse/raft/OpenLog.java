package dev.hanse.raft;

import dev.hanse.model.RaftEnvelope;
import dev.hanse.raft.log.GroupOrigin;
import dev.hanse.raft.log.LogCorruptedException;
import dev.hanse.raft.log.LogDirectory;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.Member;
import dev.hanse.raft.log.SegmentScan;
import dev.hanse.raft.log.SnapshotPolicy;
import dev.hanse.raft.log.Snapshots;
import dev.hanse.raft.peer.Calls;
import dev.hanse.raft.peer.Incoming;
import dev.hanse.raft.peer.PeerRpcType;
import dev.hanse.raft.peer.Peers;
import dev.hanse.raft.peer.RatisTuning;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One opening of the log: a server of Ratis with what belongs to it, until it is given up. */
final class OpenLog implements StateMachine.Events {
  private static final Logger log = LoggerFactory.getLogger(OpenLog.class);
  private static final int LEADER_TIMEOUT_SECONDS = 60;
  private static final int SNAPSHOT_TIMEOUT_MS = 10_000;

  /** Ratis waits for each of its threads, for seconds if one hangs on a disk or a lost manager. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(4);

  /** How long a leader that is not heard of counts as one, in lived time. */
  private static final Duration SUSPECTED = Duration.ofMillis(1_200);

  /** Who opened it; told on threads of Ratis, must not block. */
  interface Owner {
    /** It may lead now or no longer, or another one may. */
    void rolesChanged(OpenLog from);

    /** It cannot be written and is to be opened again. */
    void failed(OpenLog from, Throwable cause);

    /** An entry cannot be applied; opening again would not help. */
    void broken(OpenLog from, Throwable cause);
  }

  private final LogSettings settings;
  private final Peers peers;
  private final Owner owner;
  private final Calls calls;
  private final Snapshots snapshots;
  private final StateMachine machine;
  private final RaftServer server;
  private final RaftServer.Division division;
  private final Proposals proposals;
  private final MembershipChanges membership;
  private final Incoming incoming;
  private final LeaderWatch watch;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private volatile boolean closed;
  private volatile boolean excluded;

  /** The last term in which open entries were given up; it does not lead in that any more. */
  private volatile long endedTerm = -1;

  /**
   * Checks the files and prepares the server.
   *
   * @param cutAfter if present, and there is no other member: entries to be cut away
   */
  OpenLog(
      LogSettings settings,
      GroupOrigin origin,
      AppliedState state,
      StateMachine.Applied applied,
      Peers peers,
      SnapshotPolicy policy,
      OptionalLong cutAfter,
      Owner owner)
      throws IOException {
    LogDirectory files = new LogDirectory(settings.directory());
    boolean alone = files.alone(settings.self().nodeId(), origin.founder());
    Snapshots.removeUnfinished(files.states());
    new SegmentScan(files.current(), Snapshots.latestIndex(files.states()), cutAfter).run();
    this.settings = settings;
    this.peers = peers;
    this.owner = owner;
    this.calls = new Calls(settings.self().nodeId());
    this.snapshots = new Snapshots(policy);
    this.machine = new StateMachine(state, applied, snapshots, settings.keys(), peers, this);
    RaftPeer self = MembershipChanges.peer(settings.self().nodeId(), settings.self().address(), 0);
    try {
      this.server =
          RaftServer.newBuilder()
              .setServerId(calls.self())
              .setGroup(
                  origin.founder()
                      ? RaftGroup.valueOf(Calls.GROUP, self)
                      : RaftGroup.valueOf(Calls.GROUP))
              .setStateMachine(machine)
              .setProperties(RatisTuning.properties(settings.directory(), alone))
              .setParameters(PeerRpcType.parameters(peers))
              .setOption(RaftStorage.StartupOption.RECOVER)
              .build();
      this.division = server.getDivision(Calls.GROUP);
    } catch (IOException e) {
      throw corruptionIn(e);
    }
    this.proposals = new Proposals(server, calls);
    this.membership = new MembershipChanges(server, division, calls, peers);
    this.incoming =
        new Incoming(
            settings.self().nodeId(),
            server,
            division.getInfo(),
            snapshots,
            peers,
            settings.keys());
    this.watch = new LeaderWatch(this, division, membership, peers);
  }

  /** Starts; a group of one returns as its leader, a larger one at once. */
  void start() throws IOException {
    try {
      server.start();
      if (membership.alone() && !membership.members().isEmpty()) {
        ready.get(LEADER_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      }
      watch.start();
    } catch (IOException e) {
      throw corruptionIn(e);
    } catch (RuntimeException | ExecutionException | TimeoutException e) {
      throw corruptionIn(
          new IOException(
              ("opening the log in %s: %s. If its files are damaged, put a copy back, or move them"
                      + " away and join anew")
                  .formatted(settings.directory(), innermost(e)),
              e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while opening the log", e);
    }
  }

  /** What the first cause of a fault says, or which it is. */
  static String innermost(Throwable fault) {
    Throwable last = fault;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last.getMessage() == null ? last.toString() : last.getMessage();
  }

  /** Ratis wraps what our code has thrown; the caller wants ours. */
  private static IOException corruptionIn(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof LogCorruptedException corrupted) {
        return corrupted;
      }
    }
    return e;
  }

  CompletableFuture<Long> propose(byte[] entry, Optional<EntryLine> line) {
    Optional<String> refusal = refusal(line);
    return refusal.isPresent()
        ? CompletableFuture.failedFuture(new LogUnavailableException(refusal.get()))
        : proposals.submit(settings.keys().seal(entry), line);
  }

  @Override
  public Optional<String> refusal(Optional<EntryLine> line) {
    long term = division.getInfo().getCurrentTerm();
    return line.flatMap(next -> next.refusal(term, endedTerm));
  }

  MembershipChanges membership() {
    return membership;
  }

  void policy(SnapshotPolicy policy) {
    snapshots.policy(policy);
  }

  RaftEnvelope answer(RaftEnvelope request) throws IOException {
    return incoming.answer(request);
  }

  /** Does it lead, with everything of earlier leaders applied? */
  boolean leads() {
    return leaderTerm().isPresent();
  }

  /** The term in which it leads, with everything of earlier leaders applied. */
  OptionalLong leaderTerm() {
    DivisionInfo info = division.getInfo();
    long term = info.getCurrentTerm();
    boolean leads = !closed && info.isLeader() && info.isLeaderReady();
    // A term has one leader and does not come back: if it is the same still, it leads in it.
    return leads && term > endedTerm && term == info.getCurrentTerm()
        ? OptionalLong.of(term)
        : OptionalLong.empty();
  }

  /** Has it given up what was open, and is still about to cease to lead? */
  boolean steppingDown() {
    return division.getInfo().isLeader() && division.getInfo().getCurrentTerm() <= endedTerm;
  }

  /**
   * The leader, if one is known that can take entries. One that is only suspected still counts for
   * a moment: mostly it is only late.
   */
  Optional<String> leader() {
    RaftPeerId id = division.getInfo().getLeaderId();
    if (closed || excluded || (id != null && id.equals(calls.self()) && !leads())) {
      return Optional.empty();
    }
    return id == null
        ? peers.suspicion().leader(division.getInfo().getCurrentTerm(), SUSPECTED)
        : Optional.of(id.toString());
  }

  /** Was it closed by Ratis, since the group goes on without this member? */
  boolean isExcluded() {
    return excluded;
  }

  List<Member> members() {
    return membership.members();
  }

  /** Nothing can be committed: open proposals fail, and it leads no more. */
  void stepDown(String reason) {
    log.warn("this manager stops leading: {}", reason);
    // First: what fails now may still be written, so nothing may be decided without it.
    endedTerm = division.getInfo().getCurrentTerm();
    look();
    proposals.failAll(reason);
    membership.stepDown();
  }

  /** Called every now and then, since Ratis does not tell when a leader is lost. */
  void look() {
    owner.rolesChanged(this);
  }

  void close(String reason) {
    closed = true;
    watch.close();
    proposals.close(reason);
    Thread closing = Thread.ofPlatform().daemon().name("hanse-log-close").start(this::closeServer);
    try {
      // What was acknowledged is on disk, and a torn last record is no damage.
      if (!closing.join(CLOSE_LIMIT)) {
        log.warn("the log has not closed within {}; going on without waiting", CLOSE_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeServer() {
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      log.warn("the log did not close cleanly: {}", e.toString());
    }
  }

  @Override
  public void leaderReady() {
    look();
    ready.complete(null);
  }

  @Override
  public void notLeader() {
    look();
  }

  @Override
  public void leaderChanged() {
    look();
  }

  @Override
  public void excluded() {
    if (!closed) {
      log.info("the other managers have taken this one out of their group");
      excluded = true;
      look();
    }
  }

  @Override
  public void logFailed(Throwable cause) {
    // While opening, whoever opens is told.
    if (!ready.completeExceptionally(cause) || !membership.alone()) {
      owner.failed(this, cause);
    }
  }

  @Override
  public void applyFailed(Throwable cause) {
    if (!ready.completeExceptionally(cause) || !membership.alone()) {
      owner.broken(this, cause);
    }
  }

  @Override
  public void snapshotDue() {
    Thread.ofVirtual().name("hanse-log-snapshot").start(this::takeSnapshot);
  }

  private void takeSnapshot() {
    var request =
        SnapshotManagementRequest.newCreate(
            calls.client(), calls.self(), Calls.GROUP, calls.nextId(), SNAPSHOT_TIMEOUT_MS, 1);
    var unused =
        server
            .snapshotManagementAsync(request)
            .whenComplete(
                (reply, error) -> {
                  if (reply == null || !reply.isSuccess()) {
                    machine.snapshotOver();
                  }
                });
  }
}
