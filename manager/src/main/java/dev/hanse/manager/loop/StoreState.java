package dev.hanse.manager.loop;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hanse.model.InternalRaftRequest;
import dev.hanse.raft.AppliedState;
import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import dev.hanse.store.StoredSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** The store as the replicated log sees it. */
public final class StoreState implements AppliedState {
  /**
   * How far the log is applied.
   *
   * @param snapshot the state
   * @param requestId the largest in it that is known here, 0 if there is none
   */
  record Applied(Snapshot snapshot, long requestId) {}

  private final Store store;
  private final Consumer<Boolean> leadershipChanged;
  private volatile Applied applied;
  private volatile Consumer<Optional<String>> leaderListener = leader -> {};
  private volatile OptionalLong leaderTerm = OptionalLong.empty();

  /**
   * Applies to the store.
   *
   * @param leadershipChanged told after each change of {@link #leaderTerm}; must not block
   */
  public StoreState(Store store, Consumer<Boolean> leadershipChanged) {
    this.store = store;
    this.leadershipChanged = leadershipChanged;
    this.applied = new Applied(store.snapshot(), 0);
  }

  /** Tells of each {@link #leaderChanged}; the one listener must not block. */
  public void onLeaderChange(Consumer<Optional<String>> listener) {
    leaderListener = listener;
  }

  Applied applied() {
    return applied;
  }

  /**
   * The term in which this member leads and may write; empty if it may not. A term does not come
   * back: as long as it is the same, this member has led without a break.
   */
  OptionalLong leaderTerm() {
    return leaderTerm;
  }

  @Override
  public void restore(long index, InputStream saved) throws IOException {
    store.reset(StoredSnapshot.restore(saved, index));
    applied = new Applied(store.snapshot(), applied.requestId());
  }

  @Override
  public void apply(long index, byte[] entry) {
    try {
      apply(index, InternalRaftRequest.parseFrom(entry));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("entry " + index + " of the log is not a change", e);
    }
  }

  /** The same for an entry that was read already. */
  public void apply(long index, InternalRaftRequest entry) {
    Snapshot after = store.apply(Changes.of(entry), index);
    applied = new Applied(after, Math.max(applied.requestId(), entry.getId()));
  }

  @Override
  public void save(OutputStream out) throws IOException {
    StoredSnapshot.save(store.snapshot(), out);
  }

  @Override
  public synchronized void leadership(OptionalLong term) {
    leaderTerm = term;
    leadershipChanged.accept(term.isPresent());
  }

  @Override
  public void leaderChanged(Optional<String> nodeId) {
    leaderListener.accept(nodeId);
  }
}
