package dev.hanse.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The entries of a directory from the first, a few at a time (getdents64(2)): a directory may hold
 * more than memory does. One listing per handle at a time; the handle stays the caller's.
 */
final class DirectoryListing implements AutoCloseable {
  private static final int BUFFER_BYTES = 8192;
  private static final int LENGTH_OFFSET = 16;
  private static final int NAME_OFFSET = 19;
  private static final NativeFunction GETDENTS =
      NativeFunction.ofC("getdents64", NativeFunction.Result.LONG);
  private static final NativeFunction LSEEK =
      NativeFunction.ofC("lseek", NativeFunction.Result.LONG);

  private final DirectoryHandle directory;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
  private long filled;
  private long position;

  DirectoryListing(DirectoryHandle directory) {
    this.directory = directory;
    try {
      LSEEK.call("list " + directory, directory.descriptor(), 0, 0);
    } catch (RuntimeException fault) {
      arena.close();
      throw fault;
    }
  }

  /** The next entry's name; empty at the end. */
  Optional<EntryName> next() {
    while (true) {
      if (position == filled) {
        filled =
            GETDENTS.call(
                "list " + directory, directory.descriptor(), buffer.address(), BUFFER_BYTES);
        position = 0;
        if (filled == 0) {
          return Optional.empty();
        }
      }
      int length = buffer.get(JAVA_SHORT, position + LENGTH_OFFSET) & 0xffff;
      byte[] name = name(position + NAME_OFFSET, position + length);
      position += length;
      if (!EntryName.isDots(name)) {
        return Optional.of(EntryName.of(name));
      }
    }
  }

  private byte[] name(long from, long to) {
    long end = from;
    while (end < to && buffer.get(JAVA_BYTE, end) != 0) {
      end++;
    }
    return buffer.asSlice(from, end - from).toArray(JAVA_BYTE);
  }

  @Override
  public void close() {
    arena.close();
  }
}
