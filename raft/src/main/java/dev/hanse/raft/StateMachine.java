package dev.hanse.raft;

import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.SnapshotFile;
import dev.hanse.raft.log.Snapshots;
import dev.hanse.raft.peer.Peers;
import dev.hanse.raft.peer.SnapshotFetch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.LifeCycle;

/** Ratis' view of an {@link AppliedState}. */
final class StateMachine extends BaseStateMachine {
  /** What happens to the log, told on threads of Ratis. */
  interface Events {
    void leaderReady();

    void notLeader();

    /** Another leader is known; which one is to be asked. */
    void leaderChanged();

    /** Why an entry of a line is not to be appended now; empty if it may. */
    Optional<String> refusal(Optional<EntryLine> line);

    /** An entry could not be written. */
    void logFailed(Throwable cause);

    /** An entry could not be read or applied, so that nothing after it can be. */
    void applyFailed(Throwable cause);

    /** Ratis has closed itself: the group goes on without this member. */
    void excluded();

    /** So many entries were applied that the state should be saved. */
    void snapshotDue();
  }

  private final Snapshots snapshots;
  private final SnapshotFetch fetch;
  private final LogKeys keys;
  private final AppliedState state;
  private final Applied applied;
  private final Events events;
  private final AtomicBoolean snapshotAsked = new AtomicBoolean();
  private volatile boolean paused;

  /** How far the state is; outlives one opening of the log. */
  static final class Applied {
    private volatile long index = -1;
    private volatile boolean restored;

    long index() {
      return index;
    }
  }

  StateMachine(
      AppliedState state,
      Applied applied,
      Snapshots snapshots,
      LogKeys keys,
      Peers peers,
      Events events) {
    this.state = state;
    this.applied = applied;
    this.snapshots = snapshots;
    this.keys = keys;
    this.fetch = new SnapshotFetch(peers, keys, snapshots);
    this.events = events;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage)
      throws IOException {
    super.initialize(server, group, storage);
    snapshots.init(storage);
    SingleFileSnapshotInfo latest = snapshots.getLatestSnapshot();
    if (latest == null) {
      applied.restored = true;
      return;
    }
    setLastAppliedTermIndex(latest.getTermIndex());
    // The log was opened again after a fault: the state in memory is as new as the log or newer,
    // unless a snapshot was fetched and not yet taken over.
    if (!applied.restored || latest.getIndex() > applied.index) {
      restore(latest);
    }
  }

  private void restore(SingleFileSnapshotInfo snapshot) throws IOException {
    Path file = snapshot.getFile().getPath();
    SnapshotFile.load(file, keys, in -> state.restore(snapshot.getIndex(), in));
    applied.index = snapshot.getIndex();
    applied.restored = true;
  }

  @Override
  public Snapshots getStateMachineStorage() {
    return snapshots;
  }

  /** Ratis appends the entry in the present term, or nothing: nothing comes between. */
  @Override
  public TransactionContext preAppendTransaction(TransactionContext transaction)
      throws IOException {
    if (Objects.requireNonNull(transaction.getClientRequest()).getMessage()
        instanceof Proposal proposal) {
      Optional<String> refusal = events.refusal(proposal.line());
      if (refusal.isPresent()) {
        throw new StateMachineException(
            refusal.get(), new LogUnavailableException(refusal.get()), false);
      }
    }
    return super.preAppendTransaction(transaction);
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = Objects.requireNonNull(transaction.getLogEntry());
    if (entry.getIndex() > applied.index) {
      try {
        byte[] sealed = entry.getStateMachineLogEntry().getLogData().toByteArray();
        state.apply(entry.getIndex(), keys.open(sealed));
      } catch (IOException | RuntimeException e) {
        String message = "entry " + entry.getIndex() + " cannot be applied: " + e.getMessage();
        IllegalStateException failure = new IllegalStateException(message, e);
        events.applyFailed(failure);
        throw failure;
      }
      applied.index = entry.getIndex();
    }
    updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    if (snapshots.due(entry.getIndex()) && snapshotAsked.compareAndSet(false, true)) {
      events.snapshotDue();
    }
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    super.notifyTermIndexUpdated(term, index);
    applied.index = Math.max(applied.index, index);
  }

  @Override
  public long takeSnapshot() throws IOException {
    snapshotAsked.set(false);
    TermIndex last = getLastAppliedTermIndex();
    SnapshotFile.save(snapshots.file(last), keys.own(), state::save);
    snapshots.saved(last);
    return last.getIndex();
  }

  /** The snapshot could not be taken, or was not needed; the next entry asks again. */
  void snapshotOver() {
    snapshotAsked.set(false);
  }

  @Override
  public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(
      RoleInfoProto role, TermIndex firstAvailable) {
    String leader = role.getFollowerInfo().getLeaderInfo().getId().getId().toStringUtf8();
    CompletableFuture<TermIndex> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("hanse-log-snapshot")
        .start(
            () -> {
              try {
                result.complete(fetch.fetch(leader));
              } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public LifeCycle.State getLifeCycleState() {
    return paused ? LifeCycle.State.PAUSED : LifeCycle.State.RUNNING;
  }

  /** A snapshot of the leader is in place. */
  @Override
  public void reinitialize() throws IOException {
    SingleFileSnapshotInfo latest = Objects.requireNonNull(snapshots.loadLatestSnapshot());
    if (latest.getIndex() > applied.index) {
      try {
        restore(latest);
      } catch (IOException | RuntimeException e) {
        events.applyFailed(e);
        throw e;
      }
    }
    setLastAppliedTermIndex(latest.getTermIndex());
    paused = false;
  }

  @Override
  public void notifyLeaderReady() {
    events.leaderReady();
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    events.notLeader();
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    events.leaderChanged();
  }

  /**
   * Ratis tells so in two cases: its whole server is closed, or an election has shown that this
   * member is not one of the group, by the leader's answer or by its own log.
   */
  @Override
  public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
    if (!allServer) {
      events.excluded();
    }
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
    events.logFailed(cause);
  }
}
