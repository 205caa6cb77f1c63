package dev.hanse.runtime.content;

import java.util.Collection;
import java.util.Map;

/** What texts of foreign documents take of the heap while they are remembered, bytes. */
public final class HeapBytes {
  /** An object with its text's array and the reference to it. */
  private static final long TEXT_BYTES = 56;

  private static final long MAP_ENTRY_BYTES = 56;

  private HeapBytes() {}

  /** What a text takes. */
  public static long of(String text) {
    return TEXT_BYTES + text.length();
  }

  /** What a list of texts takes. */
  public static long of(Collection<String> texts) {
    return TEXT_BYTES + texts.stream().mapToLong(HeapBytes::of).sum();
  }

  /** What a map of texts takes. */
  public static long of(Map<String, String> texts) {
    return of(texts.keySet()) + of(texts.values()) + texts.size() * MAP_ENTRY_BYTES;
  }
}
