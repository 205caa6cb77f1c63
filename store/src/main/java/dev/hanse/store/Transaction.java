package dev.hanse.store;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.hanse.model.Meta;
import dev.hanse.model.StoreAction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * A draft of the next state: reads see its own writes, nothing is visible outside. It ends as
 * {@link #changes()}, which holds each touched object once, in the order of first touch. Not
 * thread-safe.
 */
public final class Transaction {
  private final Snapshot base;
  private final Timestamp now;
  private final LinkedHashMap<Key, Kind<?>> touched = new LinkedHashMap<>();
  private final LinkedHashMap<Key, Kind<?>> recent = new LinkedHashMap<>();
  private Snapshot draft;
  private Snapshot asked;

  private record Key(int kind, String id) {}

  /** A draft on top of {@code base}; {@code now} is the time that changed objects get. */
  public Transaction(Snapshot base, Timestamp now) {
    this.base = base;
    this.now = now;
    this.draft = base;
    this.asked = base;
  }

  /** The state as this transaction leaves it so far. */
  public Snapshot snapshot() {
    return draft;
  }

  /** The time of this transaction. */
  public Timestamp now() {
    return now;
  }

  /** As {@link Snapshot#find}, through the writes of this transaction. */
  public <T extends Message> Optional<T> find(Kind<T> kind, String id) {
    return draft.find(kind, id);
  }

  /** Creates or replaces an object; its update time, and creation time if new, become now. */
  public <T extends Message> void put(Kind<T> kind, T object) {
    String id = kind.id(object);
    if (id.isEmpty()) {
      throw new IllegalArgumentException("a " + kind + " without an id");
    }
    Meta.Builder meta = kind.meta(object).toBuilder().setUpdatedAt(now);
    if (!meta.hasCreatedAt()) {
      meta.setCreatedAt(now);
    }
    draft = draft.with(kind, kind.withMeta(object, meta.build()));
    touch(kind, id);
  }

  /** Removes an object; removing what does not exist changes nothing. */
  public <T extends Message> void delete(Kind<T> kind, String id) {
    draft = draft.without(kind, id);
    touch(kind, id);
  }

  /** A place to come back to by {@link #rollBack}. */
  public static final class Savepoint {
    private final Snapshot draft;
    private final int touched;

    private Savepoint(Snapshot draft, int touched) {
      this.draft = draft;
      this.touched = touched;
    }
  }

  /** Where this transaction stands now. */
  public Savepoint savepoint() {
    return new Savepoint(draft, touched.size());
  }

  /** Takes back all that was written since; later savepoints mean nothing any more. */
  public void rollBack(Savepoint savepoint) {
    draft = savepoint.draft;
    while (touched.size() > savepoint.touched) {
      touched.pollLastEntry();
    }
  }

  private void touch(Kind<?> kind, String id) {
    Key key = new Key(kind.ordinal(), id);
    touched.putIfAbsent(key, kind);
    recent.putIfAbsent(key, kind);
  }

  /**
   * A part of what a transaction writes.
   *
   * @param before the state from which on
   * @param changes what has changed since then
   */
  public record Recent(Snapshot before, Changes changes) {}

  /** What was written since this was asked last, or since the beginning, and not taken back. */
  public Recent recent() {
    Snapshot before = asked;
    List<StoreAction> actions = new ArrayList<>(recent.size());
    recent.forEach((key, kind) -> addAction(actions, before, kind, key.id()));
    recent.clear();
    asked = draft;
    return new Recent(before, new Changes(actions));
  }

  /** What it all comes to. */
  public Changes changes() {
    List<StoreAction> actions = new ArrayList<>(touched.size());
    touched.forEach((key, kind) -> addAction(actions, base, kind, key.id()));
    return new Changes(actions);
  }

  private <T extends Message> void addAction(
      List<StoreAction> actions, Snapshot before, Kind<T> kind, String id) {
    boolean existed = before.find(kind, id).isPresent();
    Optional<T> after = draft.find(kind, id);
    if (after.isPresent()) {
      actions.add(kind.action(Snapshot.putting(existed), after.get()));
    } else if (existed) {
      actions.add(kind.removal(id));
    }
  }
}
