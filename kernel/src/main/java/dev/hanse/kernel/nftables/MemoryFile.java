package dev.hanse.kernel.nftables;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** A file that is only in memory (memfd_create(2)) and ends when it is closed. */
final class MemoryFile implements AutoCloseable {
  private static final int CLOSE_ON_EXEC = 1;
  private static final NativeFunction CREATE =
      NativeFunction.ofC("memfd_create", NativeFunction.Result.INT);
  private static final NativeFunction WRITE =
      NativeFunction.ofC("write", NativeFunction.Result.LONG);

  private final int descriptor;

  private MemoryFile(int descriptor) {
    this.descriptor = descriptor;
  }

  static MemoryFile of(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemoryFile file =
          new MemoryFile(
              (int)
                  CREATE.call(
                      "create memory file",
                      arena.allocateFrom("nftables").address(),
                      CLOSE_ON_EXEC));
      try {
        file.write(arena.allocateFrom(JAVA_BYTE, bytes));
      } catch (RuntimeException fault) {
        file.close();
        throw fault;
      }
      return file;
    }
  }

  private void write(MemorySegment content) {
    long written = 0;
    while (written < content.byteSize()) {
      written +=
          WRITE.call(
              "write memory file",
              descriptor,
              content.address() + written,
              content.byteSize() - written);
    }
  }

  /** A path by which this process can open the file. */
  String path() {
    return "/proc/self/fd/" + descriptor;
  }

  @Override
  public void close() {
    Descriptors.close(descriptor);
  }
}
