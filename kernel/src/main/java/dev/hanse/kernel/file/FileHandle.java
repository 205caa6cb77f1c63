package dev.hanse.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Set;

/** A regular file, open. Methods throw {@link KernelException}. */
public final class FileHandle extends Handle {
  private static final long PIECE_BYTES = 64 << 20;
  private static final Set<Errno> NOT_BETWEEN_THESE =
      Set.of(Errno.EXDEV, Errno.EINVAL, Errno.ENOSYS, Errno.EOPNOTSUPP);
  private static final NativeFunction PREAD =
      NativeFunction.ofC("pread", NativeFunction.Result.LONG);
  private static final NativeFunction COPY_FILE_RANGE =
      NativeFunction.ofC("copy_file_range", NativeFunction.Result.LONG);
  private static final NativeFunction SENDFILE =
      NativeFunction.ofC("sendfile", NativeFunction.Result.LONG);

  FileHandle(int descriptor, String name) {
    super(descriptor, name);
  }

  /**
   * Its content from the beginning.
   *
   * @return empty if there is more than so many bytes
   */
  public Optional<byte[]> content(int bytesMax) {
    long size = status().size();
    if (size > bytesMax) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      // One more than it should have: it may grow meanwhile.
      MemorySegment room = arena.allocate(size + 1);
      long length = 0;
      while (length < room.byteSize()) {
        long read =
            PREAD.call(
                "read " + name(),
                descriptor(),
                room.address() + length,
                room.byteSize() - length,
                length);
        if (read == 0) {
          return Optional.of(room.asSlice(0, length).toArray(JAVA_BYTE));
        }
        length += read;
      }
      return length > bytesMax
          ? Optional.empty()
          : Optional.of(room.asSlice(0, length).toArray(JAVA_BYTE));
    }
  }

  /** Appends the rest of this file's content to another; the kernel moves the bytes. */
  void copyTo(FileHandle target) {
    String operation = "copy " + name() + " to " + target.name();
    while (true) {
      long copied =
          COPY_FILE_RANGE.attempt(descriptor(), 0, target.descriptor(), 0, PIECE_BYTES, 0);
      if (copied < 0 && NOT_BETWEEN_THESE.contains(new Errno((int) -copied))) {
        sendTo(target, operation);
        return;
      }
      check(operation, copied);
      if (copied == 0) {
        return;
      }
    }
  }

  /** Between file systems of different kinds. */
  private void sendTo(FileHandle target, String operation) {
    long copied = PIECE_BYTES;
    while (copied > 0) {
      copied = SENDFILE.call(operation, target.descriptor(), descriptor(), 0, PIECE_BYTES);
    }
  }
}
