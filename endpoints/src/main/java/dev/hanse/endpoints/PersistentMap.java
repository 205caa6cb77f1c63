package dev.hanse.endpoints;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map in the order of its keys that shares what did not change with the map it was
 * made from, so that what differs between two of them is found in time that grows with the
 * difference and not with the maps.
 *
 * <p>It is a treap (Seidel and Aragon, Randomized Search Trees, 1996) whose priorities are a hash
 * of the key instead of random numbers: the same entries make the same tree, however they came in,
 * so that equal parts of two maps stand in the same places.
 */
public final class PersistentMap<V> extends AbstractMap<String, V> {
  private static final PersistentMap<?> EMPTY = new PersistentMap<>(null);

  private final @Nullable Node<V> root;

  /**
   * @param rank a hash of the key: above all ranks below it
   * @param count of entries, its own included
   */
  private record Node<V>(
      String key, V value, long rank, int count, @Nullable Node<V> left, @Nullable Node<V> right) {

    static <V> Node<V> of(
        String key, V value, long rank, @Nullable Node<V> left, @Nullable Node<V> right) {
      return new Node<>(key, value, rank, 1 + count(left) + count(right), left, right);
    }

    Node<V> with(@Nullable Node<V> newLeft, @Nullable Node<V> newRight) {
      return of(key, value, rank, newLeft, newRight);
    }

    boolean outranks(Node<V> other) {
      return rank != other.rank ? rank > other.rank : key.compareTo(other.key) < 0;
    }

    private static int count(@Nullable Node<?> node) {
      return node == null ? 0 : node.count;
    }
  }

  /** Two trees, and what stood between them. */
  private record Halves<V>(@Nullable Node<V> left, @Nullable Node<V> right) {}

  /** Takes what differs. */
  public interface Difference<V> {
    /** The key is new or has another value. */
    void put(String key, V value);

    /** The key is gone. */
    void removed(String key);
  }

  private PersistentMap(@Nullable Node<V> root) {
    this.root = root;
  }

  /** The map without entries. */
  @SuppressWarnings("unchecked") // it has no value of any type
  public static <V> PersistentMap<V> empty() {
    return (PersistentMap<V>) EMPTY;
  }

  /** The value of a key. */
  public Optional<V> find(String key) {
    return Optional.ofNullable(get(key));
  }

  /** This map with another entry; itself when it has an equal one. */
  public PersistentMap<V> with(String key, V value) {
    return of(put(root, key, value, rank(key)));
  }

  /** This map without a key; itself when it does not have it. */
  public PersistentMap<V> without(String key) {
    return of(remove(root, key));
  }

  @SuppressWarnings("ReferenceEquality") // an unchanged tree is the same
  private PersistentMap<V> of(@Nullable Node<V> next) {
    if (next == root) {
      return this;
    }
    return next == null ? empty() : new PersistentMap<>(next);
  }

  /** Tells in the order of the keys what leads from {@code before} to this. */
  public void since(PersistentMap<V> before, Difference<? super V> difference) {
    compare(before.root, root, difference);
  }

  @SuppressWarnings("ReferenceEquality") // what is shared does not differ
  private static <V> @Nullable Node<V> put(@Nullable Node<V> node, String key, V value, long rank) {
    if (node == null) {
      return Node.of(key, value, rank, null, null);
    }
    int order = key.compareTo(node.key);
    if (order == 0) {
      return node.value.equals(value) ? node : Node.of(key, value, rank, node.left, node.right);
    }
    if (order < 0) {
      Node<V> left = Objects.requireNonNull(put(node.left, key, value, rank));
      if (left == node.left) {
        return node;
      }
      return left.outranks(node)
          ? left.with(left.left, node.with(left.right, node.right))
          : node.with(left, node.right);
    }
    Node<V> right = Objects.requireNonNull(put(node.right, key, value, rank));
    if (right == node.right) {
      return node;
    }
    return right.outranks(node)
        ? right.with(node.with(node.left, right.left), right.right)
        : node.with(node.left, right);
  }

  @SuppressWarnings("ReferenceEquality")
  private static <V> @Nullable Node<V> remove(@Nullable Node<V> node, String key) {
    if (node == null) {
      return null;
    }
    int order = key.compareTo(node.key);
    if (order == 0) {
      return join(node.left, node.right);
    }
    if (order < 0) {
      Node<V> left = remove(node.left, key);
      return left == node.left ? node : node.with(left, node.right);
    }
    Node<V> right = remove(node.right, key);
    return right == node.right ? node : node.with(node.left, right);
  }

  private static <V> @Nullable Node<V> join(@Nullable Node<V> left, @Nullable Node<V> right) {
    if (left == null) {
      return right;
    }
    if (right == null) {
      return left;
    }
    return left.outranks(right)
        ? left.with(left.left, join(left.right, right))
        : right.with(join(left, right.left), right.right);
  }

  /** What is below and above a key that is not in the tree; whole subtrees stay the same. */
  private static <V> Halves<V> split(@Nullable Node<V> node, String key) {
    if (node == null) {
      return new Halves<>(null, null);
    }
    if (key.compareTo(node.key) < 0) {
      Halves<V> halves = split(node.left, key);
      return new Halves<>(halves.left, node.with(halves.right, node.right));
    }
    Halves<V> halves = split(node.right, key);
    return new Halves<>(node.with(node.left, halves.left), halves.right);
  }

  /** A root that outranks the other is not in the other tree: that one's root would be above it. */
  @SuppressWarnings("ReferenceEquality")
  private static <V> void compare(
      @Nullable Node<V> before, @Nullable Node<V> after, Difference<? super V> difference) {
    if (before == after) {
      return;
    }
    if (after == null || (before != null && before.outranks(after))) {
      Node<V> gone = Objects.requireNonNull(before);
      Halves<V> halves = split(after, gone.key);
      compare(gone.left, halves.left, difference);
      difference.removed(gone.key);
      compare(gone.right, halves.right, difference);
    } else if (before == null || after.outranks(before)) {
      Halves<V> halves = split(before, after.key);
      compare(halves.left, after.left, difference);
      difference.put(after.key, after.value);
      compare(halves.right, after.right, difference);
    } else {
      compare(before.left, after.left, difference);
      if (!before.value.equals(after.value)) {
        difference.put(after.key, after.value);
      }
      compare(before.right, after.right, difference);
    }
  }

  /** FNV-1a of 64 bits, then mixed so that similar keys differ in their high bits too. */
  private static long rank(String key) {
    long hash = 0xcbf29ce484222325L;
    for (int at = 0; at < key.length(); at++) {
      hash = (hash ^ key.charAt(at)) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    return hash ^ hash >>> 33;
  }

  @Override
  public int size() {
    return Node.count(root);
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    Node<V> node = root;
    while (node != null && key instanceof String text) {
      int order = text.compareTo(node.key);
      if (order == 0) {
        return node.value;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return get(key) != null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PersistentMap<?> map ? equal(root, map.root) : super.equals(other);
  }

  @SuppressWarnings("ReferenceEquality")
  private static boolean equal(@Nullable Node<?> one, @Nullable Node<?> other) {
    if (one == other) {
      return true;
    }
    return one != null
        && other != null
        && one.count == other.count
        && one.key.equals(other.key)
        && one.value.equals(other.value)
        && equal(one.left, other.left)
        && equal(one.right, other.right);
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
    private final Deque<Node<V>> above = new ArrayDeque<>();

    InOrder(@Nullable Node<V> root) {
      descend(root);
    }

    private void descend(@Nullable Node<V> from) {
      for (Node<V> node = from; node != null; node = node.left) {
        above.push(node);
      }
    }

    @Override
    public boolean hasNext() {
      return !above.isEmpty();
    }

    @Override
    public Map.Entry<String, V> next() {
      Node<V> node = above.poll();
      if (node == null) {
        throw new NoSuchElementException();
      }
      descend(node.right);
      return Map.entry(node.key, node.value);
    }
  }
}
