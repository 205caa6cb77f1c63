package dev.hanse.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of one entry of a directory: bytes without a slash, and not {@code .} or {@code ..}. To
 * Linux a name is no text: one that is no UTF-8 must be removable too.
 */
public final class EntryName {
  private final byte[] bytes;

  private EntryName(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A name that is text.
   *
   * @throws IllegalArgumentException if it could be more than one name, or none
   */
  public static EntryName of(String name) {
    return of(name.getBytes(StandardCharsets.UTF_8));
  }

  static EntryName of(byte[] bytes) {
    if (bytes.length == 0 || isDots(bytes)) {
      throw new IllegalArgumentException("not the name of an entry: \"" + text(bytes) + "\"");
    }
    for (byte one : bytes) {
      if (one == '/' || one == 0) {
        throw new IllegalArgumentException("not the name of an entry: \"" + text(bytes) + "\"");
      }
    }
    return new EntryName(bytes.clone());
  }

  /** Whether these bytes are {@code .} or {@code ..}. */
  static boolean isDots(byte[] bytes) {
    return bytes[0] == '.' && (bytes.length == 1 || (bytes.length == 2 && bytes[1] == '.'));
  }

  /** With a zero byte behind it. */
  MemorySegment in(Arena arena) {
    MemorySegment name = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, name, JAVA_BYTE, 0, bytes.length);
    return name;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EntryName name && Arrays.equals(bytes, name.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** For people: what is no UTF-8 is shown as a question mark. */
  @Override
  public String toString() {
    return text(bytes);
  }
}
