package dev.hanse.sim.check;

import com.google.protobuf.InvalidProtocolBufferException;
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
  private static final int INVARIANTS_WHOLE_ONE_IN = 50;

  private final TreeMap<Long, Snapshot> states = new TreeMap<>();
  private final Map<Long, Entry> entries = new HashMap<>();
  private final Store store = new Store(Snapshot.empty());

  /**
   * An entry of the log.
   *
   * @param bytes as they were committed; not to be written to
   * @param request what they say
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Entry(byte[] bytes, InternalRaftRequest request) {}

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

  /** Is this index still to be seen applied by anybody? */
  public boolean isNews(long index) {
    return !entries.containsKey(index);
  }

  /** A manager is about to apply an entry; returns it as it was committed. */
  @SuppressWarnings("ArrayEquals") // mostly the very array travels: only a short cut
  public Entry applied(String manager, long index, byte[] bytes) {
    Entry former = entries.get(index);
    if (former != null) {
      Violation.unless(
          former.bytes() == bytes || Arrays.equals(former.bytes(), bytes),
          "%s applies another entry at index %d than was committed there",
          manager,
          index);
      return former;
    }
    Snapshot before = newest();
    Violation.unless(
        index > before.index(),
        "%s applies an entry at index %d, where none was committed when the log was at %d",
        manager,
        index,
        before.index());
    Entry entry = new Entry(bytes, parse(bytes));
    entries.put(index, entry);
    Changes changes = Changes.of(entry.request());
    Snapshot after = store.apply(changes, index);
    states.put(index, after);
    if (entries.size() % INVARIANTS_WHOLE_ONE_IN == 0) {
      Invariants.check(before, after);
    } else {
      Invariants.check(before, after, changes);
    }
    return entry;
  }

  private static InternalRaftRequest parse(byte[] entry) {
    try {
      return InternalRaftRequest.parseFrom(entry);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Fails unless a manager's state is what was committed up to its index. */
  public void agrees(String manager, Snapshot state) {
    States.same(manager, upTo(state), state);
  }

  /** Fails unless what an entry has touched is in a manager's state as it was committed. */
  public void agrees(String manager, Snapshot state, Entry entry) {
    States.same(manager, upTo(state), state, entry.request().getActionList());
  }

  /** A saved state may stand at an index that the log has used for itself: hence the floor. */
  private Snapshot upTo(Snapshot state) {
    return states.floorEntry(state.index()).getValue();
  }
}
