package dev.hanse.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The file system that a path is on, by statfs(2).
 *
 * @param type the magic number, such as {@link #OVERLAY}
 * @param bytes its size
 * @param bytesAvailable what is left for ordinary users
 * @param files how many files it can hold; 0 if it does not count them
 * @param filesAvailable how many more
 */
public record FileSystem(
    long type, long bytes, long bytesAvailable, long files, long filesAvailable) {
  public static final long EXT4 = 0xef53;
  public static final long OVERLAY = 0x794c7630L;
  public static final long TMPFS = 0x01021994;
  public static final long XFS = 0x58465342;
  public static final long BTRFS = 0x9123683eL;
  public static final long CGROUP_V2 = 0x63677270;

  /** Room for struct statfs, which is 120 bytes on 64-bit machines. */
  private static final int STATFS_BYTES = 256;

  private static final NativeFunction STATFS =
      NativeFunction.ofC("statfs", NativeFunction.Result.INT);

  /**
   * Asks.
   *
   * @throws dev.hanse.kernel.KernelException if there is no such path
   */
  public static FileSystem of(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(STATFS_BYTES, Long.BYTES);
      STATFS.call(
          "examine file system of " + path,
          arena.allocateFrom(path.toString()).address(),
          found.address());
      long blockBytes = field(found, 1);
      return new FileSystem(
          field(found, 0),
          field(found, 2) * blockBytes,
          field(found, 4) * blockBytes,
          field(found, 5),
          field(found, 6));
    }
  }

  private static long field(MemorySegment found, int position) {
    return found.get(JAVA_LONG, (long) position * Long.BYTES);
  }
}
