package dev.hanse.sim.world;

import dev.hanse.manager.loop.StoreState;
import dev.hanse.raft.AppliedState;
import dev.hanse.sim.check.Committed;
import dev.hanse.store.Kind;
import dev.hanse.store.Store;
import dev.hanse.store.StoredSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalLong;

/** A manager's state, with the checkers looking on. */
final class ObservedState implements AppliedState {
  private static final int COMPARED_WHOLE_ONE_IN = 100;

  private final World world;
  private final String manager;
  private final Store store;
  private final StoreState state;
  private int seen;

  ObservedState(World world, String manager, Store store, StoreState state) {
    this.world = world;
    this.manager = manager;
    this.store = store;
    this.state = state;
  }

  @Override
  public void restore(long index, InputStream saved) throws IOException {
    state.restore(index, saved);
    world.trace().line("%s takes the state at %d", manager, index);
    world.committed().agrees(manager, store.snapshot());
  }

  @Override
  public void apply(long index, byte[] entry) {
    boolean first = world.committed().isNews(index);
    if (first) {
      world.trace().line("%s commits entry %d of %d bytes", manager, index, entry.length);
    }
    Committed.Entry committed = world.committed().applied(manager, index, entry);
    if (world.sabotaged(Sabotage.SKIP_ENTRY) && index % 97 == 0 && !first) {
      return;
    }
    state.apply(index, committed.request());
    world.committed().agrees(manager, store.snapshot(), committed);
    if (++seen % COMPARED_WHOLE_ONE_IN == 0) {
      world.committed().agrees(manager, store.snapshot());
    }
  }

  @Override
  public void save(OutputStream out) throws IOException {
    if (!world.sabotaged(Sabotage.SAVE_WITHOUT_CONFIGS)) {
      state.save(out);
      return;
    }
    dev.hanse.store.Transaction without =
        new dev.hanse.store.Transaction(
            store.snapshot(), com.google.protobuf.Timestamp.getDefaultInstance());
    store
        .snapshot()
        .all(Kind.CONFIG)
        .forEach(config -> without.delete(Kind.CONFIG, config.getId()));
    StoredSnapshot.save(without.snapshot(), out);
  }

  @Override
  public void leadership(OptionalLong term) {
    state.leadership(term);
  }

  @Override
  public void leaderChanged(Optional<String> nodeId) {
    state.leaderChanged(nodeId);
    world.trace().line("%s follows %s", manager, nodeId.orElse("nobody"));
  }
}
