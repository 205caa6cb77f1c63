package dev.hanse.store;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The one mutable cell: the newest snapshot. One thread applies (the log's), any thread reads. */
public final class Store {
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile Snapshot current;

  /** Told of every change, on the applying thread: must be quick and must not block or throw. */
  @FunctionalInterface
  public interface Listener {
    /** {@code before} became {@code after} by {@code changes}. */
    void changed(Snapshot before, Snapshot after, Changes changes);
  }

  /** Starts from {@code initial}, for example {@link Snapshot#empty()}. */
  public Store(Snapshot initial) {
    this.current = initial;
  }

  /** The newest state. */
  public Snapshot snapshot() {
    return current;
  }

  /**
   * Applies a committed log entry and returns the state after it. An index that was applied before
   * changes nothing, so a log may be replayed from any point.
   */
  public Snapshot apply(Changes changes, long logIndex) {
    Snapshot before = current;
    if (logIndex <= before.index()) {
      return before;
    }
    Snapshot after = before.apply(changes, logIndex);
    current = after;
    for (Listener listener : listeners) {
      listener.changed(before, after, changes);
    }
    return after;
  }

  /**
   * Replaces everything, as when a snapshot of the leader arrives. Listeners are told with empty
   * changes and must compare the snapshots.
   */
  public void reset(Snapshot snapshot) {
    Snapshot before = current;
    current = snapshot;
    for (Listener listener : listeners) {
      listener.changed(before, snapshot, Changes.none());
    }
  }

  /** Adds a listener until the returned handle is closed. */
  public Subscription subscribe(Listener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Ends a subscription when closed. */
  @FunctionalInterface
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
