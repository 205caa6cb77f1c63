package dev.hanse.endpoints;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The tree of a {@link PersistentMap}, seen from its root; null stands for the empty one. Sorted by
 * key from left to right and by rank from the root down (Seidel and Aragon, Randomized Search
 * Trees, 1996). A rank is a hash of the key instead of a random number: the same entries make the
 * same tree, however they came in, so that equal parts of two trees stand in the same places.
 *
 * @param rank a hash of the key: above all ranks below it
 * @param count of entries, its own included
 */
record Treap<V>(
    String key, V value, long rank, int count, @Nullable Treap<V> left, @Nullable Treap<V> right) {

  /** Two trees, and what stood between them. */
  private record Halves<V>(@Nullable Treap<V> left, @Nullable Treap<V> right) {}

  static <V> Treap<V> of(String key, V value) {
    return of(key, value, rank(key), null, null);
  }

  private static <V> Treap<V> of(
      String key, V value, long rank, @Nullable Treap<V> left, @Nullable Treap<V> right) {
    return new Treap<>(key, value, rank, 1 + size(left) + size(right), left, right);
  }

  /** All entries at once, in time that grows with their number alone: from left to right. */
  static <V> @Nullable Treap<V> of(SortedMap<String, V> entries) {
    // The way from the root to the last entry, which is on top; none of them has its right yet.
    Deque<Treap<V>> way = new ArrayDeque<>();
    entries.forEach(
        (key, value) -> {
          Treap<V> last = of(key, value);
          way.push(last.with(closed(way, last), null));
        });
    return closed(way, null);
  }

  /** Takes from the way what does not outrank {@code next}, as one tree. */
  private static <V> @Nullable Treap<V> closed(Deque<Treap<V>> way, @Nullable Treap<V> next) {
    Treap<V> below = null;
    while (!way.isEmpty() && (next == null || next.outranks(way.element()))) {
      Treap<V> top = way.pop();
      below = top.with(top.left, below);
    }
    return below;
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

  static int size(@Nullable Treap<?> tree) {
    return tree == null ? 0 : tree.count;
  }

  private boolean outranks(Treap<V> other) {
    return rank != other.rank ? rank > other.rank : key.compareTo(other.key) < 0;
  }

  @SuppressWarnings("ReferenceEquality") // what did not change is the same
  private Treap<V> with(@Nullable Treap<V> newLeft, @Nullable Treap<V> newRight) {
    return newLeft == left && newRight == right ? this : of(key, value, rank, newLeft, newRight);
  }

  private Treap<V> with(V newValue) {
    return newValue.equals(value) ? this : of(key, newValue, rank, left, right);
  }

  static <V> @Nullable V find(@Nullable Treap<V> tree, String key) {
    Treap<V> at = tree;
    while (at != null) {
      int order = key.compareTo(at.key);
      if (order == 0) {
        return at.value;
      }
      at = order < 0 ? at.left : at.right;
    }
    return null;
  }

  /**
   * The tree with the entries of another, which win; the same one if it has them. Its time grows
   * with the smaller of the two, and the logarithm of the other.
   */
  static <V> @Nullable Treap<V> union(@Nullable Treap<V> tree, @Nullable Treap<V> added) {
    if (tree == null || added == null) {
      return tree == null ? added : tree;
    }
    // A root that outranks the other is not in the other tree: that one's root would be above it.
    if (tree.outranks(added)) {
      Halves<V> halves = split(added, tree.key);
      return tree.with(union(tree.left, halves.left), union(tree.right, halves.right));
    }
    if (added.outranks(tree)) {
      Halves<V> halves = split(tree, added.key);
      return added.with(union(halves.left, added.left), union(halves.right, added.right));
    }
    return tree.with(added.value)
        .with(union(tree.left, added.left), union(tree.right, added.right));
  }

  static <V> @Nullable Treap<V> without(@Nullable Treap<V> tree, String key) {
    if (tree == null) {
      return null;
    }
    int order = key.compareTo(tree.key);
    if (order == 0) {
      return join(tree.left, tree.right);
    }
    return order < 0
        ? tree.with(without(tree.left, key), tree.right)
        : tree.with(tree.left, without(tree.right, key));
  }

  private static <V> @Nullable Treap<V> join(@Nullable Treap<V> left, @Nullable Treap<V> right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return left.outranks(right)
        ? left.with(left.left, join(left.right, right))
        : right.with(join(left, right.left), right.right);
  }

  /** What is below and above a key that is not in the tree; whole subtrees stay the same. */
  private static <V> Halves<V> split(@Nullable Treap<V> tree, String key) {
    if (tree == null) {
      return new Halves<>(null, null);
    }
    if (key.compareTo(tree.key) < 0) {
      Halves<V> halves = split(tree.left, key);
      return new Halves<>(halves.left, tree.with(halves.right, tree.right));
    }
    Halves<V> halves = split(tree.right, key);
    return new Halves<>(tree.with(tree.left, halves.left), halves.right);
  }

  /** Tells in the order of the keys what leads from one tree to the other. */
  @SuppressWarnings("ReferenceEquality") // what is shared does not differ
  static <V> void compare(
      @Nullable Treap<V> before,
      @Nullable Treap<V> after,
      PersistentMap.Difference<? super V> difference) {
    if (before == after) {
      return;
    }
    if (before != null && (after == null || before.outranks(after))) {
      Halves<V> halves = split(after, before.key);
      compare(before.left, halves.left, difference);
      difference.removed(before.key);
      compare(before.right, halves.right, difference);
    } else if (after != null && (before == null || after.outranks(before))) {
      Halves<V> halves = split(before, after.key);
      compare(halves.left, after.left, difference);
      difference.put(after.key, after.value);
      compare(halves.right, after.right, difference);
    } else if (before != null && after != null) {
      compare(before.left, after.left, difference);
      if (!before.value.equals(after.value)) {
        difference.put(after.key, after.value);
      }
      compare(before.right, after.right, difference);
    }
  }

  /** Whether they have the same entries; what they share is not looked at. */
  @SuppressWarnings("ReferenceEquality")
  static boolean equal(@Nullable Treap<?> one, @Nullable Treap<?> other) {
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
}
