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
import java.util.function.Consumer;

/** The store as the replicated log sees it. */
public final class StoreState implements AppliedState {
  /**
   * How far the log is applied.
   *
   * @param snapshot the state
   * @param requestId of the last entry in it, 0 if there is none
   */
  record Applied(Snapshot snapshot, long requestId) {}

  private final Store store;
  private final Consumer<Boolean> leadership;
  private volatile Applied applied;

  /** Applies to the store; the consumer is told of leadership and must not block. */
  public StoreState(Store store, Consumer<Boolean> leadership) {
    this.store = store;
    this.leadership = leadership;
    this.applied = new Applied(store.snapshot(), 0);
  }

  Applied applied() {
    return applied;
  }

  @Override
  public void restore(long index, InputStream saved) throws IOException {
    store.reset(StoredSnapshot.restore(saved, index));
    applied = new Applied(store.snapshot(), 0);
  }

  @Override
  public void apply(long index, byte[] entry) {
    try {
      InternalRaftRequest request = InternalRaftRequest.parseFrom(entry);
      applied = new Applied(store.apply(Changes.of(request), index), request.getId());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("entry " + index + " of the log is not a change", e);
    }
  }

  @Override
  public void save(OutputStream out) throws IOException {
    StoredSnapshot.save(store.snapshot(), out);
  }

  @Override
  public void leadership(boolean leader) {
    leadership.accept(leader);
  }
}
