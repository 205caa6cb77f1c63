package dev.hanse.bounds;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Remembers what was read, as long as all of it together does not take too much: what was used
 * least recently is forgotten first. What alone is too large is not remembered at all.
 *
 * <p>Safe for many threads; no call blocks.
 *
 * @param <K> by what it is found
 * @param <V> what is remembered; does not change
 */
public final class BoundedCache<K, V> {
  private final long bytesMax;
  private final ToLongFunction<V> weigher;

  /** Used least recently first. */
  private final LinkedHashMap<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;

  /**
   * An empty one.
   *
   * @param bytesMax of all entries together
   * @param weigher what an entry takes of the heap, bytes; always the same for the same one
   */
  public BoundedCache(long bytesMax, ToLongFunction<V> weigher) {
    this.bytesMax = bytesMax;
    this.weigher = weigher;
  }

  /** What is remembered of a key. */
  public synchronized Optional<V> find(K key) {
    return Optional.ofNullable(entries.get(key));
  }

  /** Remembers. */
  public synchronized void put(K key, V value) {
    remove(key);
    long added = weigher.applyAsLong(value);
    if (added > bytesMax) {
      return;
    }
    entries.put(key, value);
    bytes += added;
    var eldest = entries.entrySet().iterator();
    while (bytes > bytesMax) {
      Map.Entry<K, V> victim = eldest.next();
      bytes -= weigher.applyAsLong(victim.getValue());
      eldest.remove();
    }
  }

  /** Forgets. */
  public synchronized void remove(K key) {
    V removed = entries.remove(key);
    if (removed != null) {
      bytes -= weigher.applyAsLong(removed);
    }
  }

  /** What the entries take, bytes. */
  public synchronized long bytes() {
    return bytes;
  }
}
