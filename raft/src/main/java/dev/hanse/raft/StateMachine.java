package dev.hanse.raft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;

/** Ratis' view of an {@link AppliedState}. */
final class StateMachine extends BaseStateMachine {
  /** What happens to the log, told on threads of Ratis. */
  interface Events {
    void leaderReady();

    void notLeader();

    void logFailed(Throwable cause);
  }

  private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
  private final AppliedState state;
  private final Applied applied;
  private final Events events;

  /** How far the state is; outlives one opening of the log. */
  static final class Applied {
    private volatile long index = -1;
    private volatile boolean restored;

    long index() {
      return index;
    }
  }

  StateMachine(AppliedState state, Applied applied, Events events) {
    this.state = state;
    this.applied = applied;
    this.events = events;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId group, RaftStorage raftStorage)
      throws IOException {
    super.initialize(server, group, raftStorage);
    storage.init(raftStorage);
    SingleFileSnapshotInfo latest = storage.getLatestSnapshot();
    if (latest == null) {
      applied.restored = true;
      return;
    }
    setLastAppliedTermIndex(latest.getTermIndex());
    // The log was opened again after a fault: the state in memory is as new as the log or newer.
    if (!applied.restored) {
      SnapshotFile.load(latest.getFile().getPath(), in -> state.restore(latest.getIndex(), in));
      applied.index = latest.getIndex();
      applied.restored = true;
    }
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return storage;
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = Objects.requireNonNull(transaction.getLogEntry());
    if (entry.getIndex() > applied.index) {
      state.apply(entry.getIndex(), entry.getStateMachineLogEntry().getLogData().toByteArray());
      applied.index = entry.getIndex();
    }
    updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    super.notifyTermIndexUpdated(term, index);
    applied.index = Math.max(applied.index, index);
  }

  @Override
  public long takeSnapshot() throws IOException {
    TermIndex last = getLastAppliedTermIndex();
    Path file = storage.getSnapshotFile(last.getTerm(), last.getIndex()).toPath();
    SnapshotFile.save(file, state::save);
    storage.updateLatestSnapshot(
        new SingleFileSnapshotInfo(new FileInfo(file, null), last.getTerm(), last.getIndex()));
    return last.getIndex();
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
    if (!member.getPeerId().equals(leader)) {
      events.notLeader();
    }
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
    events.logFailed(cause);
  }
}
