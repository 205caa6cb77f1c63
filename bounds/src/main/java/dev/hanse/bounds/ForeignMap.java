package dev.hanse.bounds;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Copies of maps whose keys somebody else chose. {@link Map#copyOf} takes the square of their
 * number when the keys were made to have one hash: it has no answer to that, as {@link
 * LinkedHashMap} has.
 */
public final class ForeignMap {
  private ForeignMap() {}

  /** A copy that cannot be changed, in the same order. */
  public static <K extends Comparable<K>, V> Map<K, V> copyOf(Map<K, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
