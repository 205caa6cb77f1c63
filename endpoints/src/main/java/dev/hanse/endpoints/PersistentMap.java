package dev.hanse.endpoints;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map in the order of its keys that shares what did not change with the map it was
 * made from, so that what differs between two of them is found in time that grows with the
 * difference and not with the maps.
 */
public final class PersistentMap<V> extends AbstractMap<String, V> {
  private static final PersistentMap<?> EMPTY = new PersistentMap<>(null);

  private final @Nullable Treap<V> root;

  /** Takes what differs. */
  public interface Difference<V> {
    /** The key is new or has another value. */
    void put(String key, V value);

    /** The key is gone. */
    void removed(String key);
  }

  private PersistentMap(@Nullable Treap<V> root) {
    this.root = root;
  }

  /** The map without entries. */
  @SuppressWarnings("unchecked") // it has no value of any type
  public static <V> PersistentMap<V> empty() {
    return (PersistentMap<V>) EMPTY;
  }

  /** The value of a key. */
  public Optional<V> find(String key) {
    return Optional.ofNullable(Treap.find(root, key));
  }

  /** This map with another entry; itself when it has an equal one. */
  public PersistentMap<V> with(String key, V value) {
    return of(Treap.union(root, Treap.of(key, value)));
  }

  /**
   * This map with other entries; itself when it has equal ones. Into the empty map, in time that
   * grows with their number alone but for sorting them.
   */
  public PersistentMap<V> withAll(Map<String, V> entries) {
    return of(Treap.union(root, Treap.of(new TreeMap<>(entries))));
  }

  /** This map without a key; itself when it does not have it. */
  public PersistentMap<V> without(String key) {
    return of(Treap.without(root, key));
  }

  @SuppressWarnings("ReferenceEquality") // an unchanged tree is the same
  private PersistentMap<V> of(@Nullable Treap<V> next) {
    if (next == root) {
      return this;
    }
    return next == null ? empty() : new PersistentMap<>(next);
  }

  /** Tells in the order of the keys what leads from {@code before} to this. */
  public void since(PersistentMap<V> before, Difference<? super V> difference) {
    Treap.compare(before.root, root, difference);
  }

  @Override
  public int size() {
    return Treap.size(root);
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    return key instanceof String text ? Treap.find(root, text) : null;
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return get(key) != null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PersistentMap<?> map
        ? Treap.equal(root, map.root)
        : super.equals(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }

  @Override
  public Collection<V> values() {
    return super.values();
  }

  @Override
  public Set<Map.Entry<String, V>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<String, V>> iterator() {
        return new InOrder<>(root);
      }

      @Override
      public int size() {
        return PersistentMap.this.size();
      }
    };
  }

  private static final class InOrder<V> implements Iterator<Map.Entry<String, V>> {
    private final Deque<Treap<V>> above = new ArrayDeque<>();

    InOrder(@Nullable Treap<V> root) {
      descend(root);
    }

    private void descend(@Nullable Treap<V> from) {
      for (Treap<V> tree = from; tree != null; tree = tree.left()) {
        above.push(tree);
      }
    }

    @Override
    public boolean hasNext() {
      return !above.isEmpty();
    }

    @Override
    public Map.Entry<String, V> next() {
      Treap<V> tree = above.poll();
      if (tree == null) {
        throw new NoSuchElementException();
      }
      descend(tree.right());
      return Map.entry(tree.key(), tree.value());
    }
  }
}
