package dev.hanse.sim.check;

import dev.hanse.model.InternalRaftRequest;
import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What has been committed, as first seen anywhere: the truth that every manager must agree with,
 * now and after any crash.
 */
public final class Committed {
  private final TreeMap<Long, Snapshot> states = new TreeMap<>();
  private final Map<Long, Integer> entries = new HashMap<>();
  private final Store store = new Store(Snapshot.empty());

  /** Nothing is committed yet. */
  public Committed() {
    states.put(0L, newest());
  }

  /** The state after the last committed entry. */
  public Snapshot newest() {
    return store.snapshot();
  }

  /** How many entries were committed. */
  public int count() {
    return entries.size();
  }

  /** A manager applies an entry. Returns true if it is the first to do so. */
  public boolean applied(String manager, long index, byte[] entry) {
    Integer former = entries.putIfAbsent(index, Arrays.hashCode(entry));
    if (former != null) {
      Violation.unless(
          former == Arrays.hashCode(entry),
          "%s applies another entry at index %d than was committed there",
          manager,
          index);
      return false;
    }
    Violation.unless(
        index > newest().index(),
        "%s applies an entry at index %d, where none was committed when the log was at %d",
        manager,
        index,
        newest().index());
    states.put(index, store.apply(changes(entry), index));
    return true;
  }

  private static Changes changes(byte[] entry) {
    try {
      return Changes.of(InternalRaftRequest.parseFrom(entry));
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Fails unless a manager's state is what was committed up to its index. */
  public void agrees(String manager, Snapshot state) {
    // A saved state may stand at an index that the log has used for itself: hence the floor.
    States.same(manager, states.floorEntry(state.index()).getValue(), state);
  }
}
