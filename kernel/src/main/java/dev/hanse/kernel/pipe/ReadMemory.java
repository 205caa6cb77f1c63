package dev.hanse.kernel.pipe;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** The one buffer that a loop reads all its pipes into. */
final class ReadMemory implements AutoCloseable {
  /** What a pipe holds by default (pipe(7)), so that one read mostly empties it. */
  private static final int CHUNK_BYTES_MAX = 64 * 1024;

  private static final int FIONREAD = 0x541b;
  private static final NativeFunction READ = NativeFunction.ofC("read", NativeFunction.Result.LONG);
  private static final NativeFunction IOCTL =
      NativeFunction.ofC("ioctl", NativeFunction.Result.INT);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(CHUNK_BYTES_MAX);

  /** Length read, 0 at the end of the file, or a negative errno. */
  long read(int descriptor) {
    return READ.attempt(descriptor, memory.address(), CHUNK_BYTES_MAX);
  }

  /** What the last read brought, valid until the next. */
  ByteBuffer chunk(int length) {
    return memory.asSlice(0, length).asByteBuffer().asReadOnlyBuffer();
  }

  /** How many bytes could be read now. */
  long available(int descriptor) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment count = call.allocate(JAVA_INT);
      IOCTL.attempt(descriptor, FIONREAD, count.address());
      return count.get(JAVA_INT, 0);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
