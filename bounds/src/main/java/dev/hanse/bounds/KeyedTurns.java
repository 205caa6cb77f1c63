package dev.hanse.bounds;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Who wants the same thing takes turns, and nobody waits for another thing's: so many at a time for
 * each key. Of a key that nobody has or waits for, nothing is kept.
 */
public final class KeyedTurns {
  private final int atATime;
  private final Map<String, Entry> entries = new HashMap<>();

  private static final class Entry {
    final Semaphore places;

    /** Who has a place or waits for one. */
    int users;

    Entry(int atATime) {
      this.places = new Semaphore(atATime, true);
    }
  }

  /** So many for each key. */
  public KeyedTurns(int atATime) {
    this.atATime = atATime;
  }

  /** Waits for a turn; closing the result ends it. */
  public Turn await(String key) throws InterruptedException {
    Entry entry = enter(key);
    try {
      entry.places.acquire();
    } catch (InterruptedException brokenOff) {
      leave(key, entry);
      throw brokenOff;
    }
    return () -> {
      entry.places.release();
      leave(key, entry);
    };
  }

  /** A turn that somebody has; to be closed once. */
  @FunctionalInterface
  public interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** For how many keys somebody has a turn or waits for one. */
  public synchronized int keys() {
    return entries.size();
  }

  private synchronized Entry enter(String key) {
    Entry entry = entries.computeIfAbsent(key, absent -> new Entry(atATime));
    entry.users++;
    return entry;
  }

  private synchronized void leave(String key, Entry entry) {
    entry.users--;
    if (entry.users == 0) {
      entries.remove(key);
    }
  }
}
