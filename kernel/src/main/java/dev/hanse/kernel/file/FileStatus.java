package dev.hanse.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * What a file is, by statx(2). A link is described itself, never what it points at.
 *
 * @param type what it is
 * @param mode permission bits, such as 0755 or 04711
 * @param user its owner's number
 * @param group its group's number
 * @param size bytes
 * @param modifiedSeconds when its content changed, seconds since 1970
 * @param modifiedNanos and nanoseconds
 * @param deviceNumber major number times 2^32 plus minor number of a device node, else 0
 * @param mounted whether it is the root of something that is mounted here
 */
public record FileStatus(
    Type type,
    int mode,
    int user,
    int group,
    long size,
    long modifiedSeconds,
    int modifiedNanos,
    long deviceNumber,
    boolean mounted) {
  /** What a file can be. */
  public enum Type {
    REGULAR,
    DIRECTORY,
    LINK,
    CHARACTER_DEVICE,
    /** A block device, a FIFO or a socket. */
    OTHER
  }

  static final int AT_EMPTY_PATH = 0x1000;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int BASIC_FIELDS = 0x7ff;
  private static final long MOUNT_ROOT = 0x2000;
  private static final int STATX_BYTES = 256;
  private static final NativeFunction STATX =
      NativeFunction.ofC("statx", NativeFunction.Result.INT);

  /** Of what a descriptor refers to. */
  static FileStatus of(String operation, int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(STATX_BYTES, Long.BYTES);
      STATX.call(
          operation,
          descriptor,
          arena.allocateFrom("").address(),
          AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
          BASIC_FIELDS,
          found.address());
      return read(found);
    }
  }

  /** Of an entry of a directory; empty if there is none. */
  static Optional<FileStatus> of(String operation, int directory, EntryName name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(STATX_BYTES, Long.BYTES);
      long outcome =
          STATX.attempt(
              directory,
              name.in(arena).address(),
              AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
              BASIC_FIELDS,
              found.address());
      return Handle.isThere(operation, outcome) ? Optional.of(read(found)) : Optional.empty();
    }
  }

  private static FileStatus read(MemorySegment found) {
    int mode = found.get(JAVA_SHORT, 28) & 0xffff;
    return new FileStatus(
        type(mode),
        mode & 07777,
        found.get(JAVA_INT, 20),
        found.get(JAVA_INT, 24),
        found.get(JAVA_LONG, 40),
        found.get(JAVA_LONG, 112),
        found.get(JAVA_INT, 120),
        ((long) found.get(JAVA_INT, 128) << 32) | (found.get(JAVA_INT, 132) & 0xffffffffL),
        (found.get(JAVA_LONG, 8) & MOUNT_ROOT) != 0);
  }

  private static Type type(int mode) {
    return switch (mode & 0170000) {
      case 0100000 -> Type.REGULAR;
      case 0040000 -> Type.DIRECTORY;
      case 0120000 -> Type.LINK;
      case 0020000 -> Type.CHARACTER_DEVICE;
      default -> Type.OTHER;
    };
  }
}
