package dev.hanse.runtime.containerd;

import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.file.FileSystem;
import dev.hanse.runtime.RuntimeFault;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The room on the disk that images go to. What comes from outside may not fill it to the last byte,
 * since the daemon's own log, and containers, write to the same disk.
 */
public final class DiskRoom {
  /** Kept free: two percent of the disk, but no more than this, bytes. */
  static final long RESERVE_BYTES_MAX = 512L << 20;

  /** Kept free: two percent of the files that the disk can hold, but no more than this. */
  static final long RESERVE_FILES_MAX = 100_000;

  private static final int RESERVE_DIVISOR = 50;

  private final Path directory;

  /** The room where that directory is. */
  public DiskRoom(Path directory) {
    this.directory = directory;
  }

  /** Bytes that may still be written; negative when the reserve is in use. */
  public long free() {
    try {
      FileStore store = Files.getFileStore(directory);
      long reserve = Math.min(store.getTotalSpace() / RESERVE_DIVISOR, RESERVE_BYTES_MAX);
      return store.getUsableSpace() - reserve;
    } catch (IOException unknown) {
      // containerd will find out for itself.
      return Long.MAX_VALUE;
    }
  }

  /** Files that may still be made; negative when the reserve is in use. */
  public long filesFree() {
    try {
      FileSystem disk = FileSystem.of(directory);
      long reserve = Math.min(disk.files() / RESERVE_DIVISOR, RESERVE_FILES_MAX);
      // Some file systems do not count them.
      return disk.files() == 0 ? Long.MAX_VALUE : disk.filesAvailable() - reserve;
    } catch (KernelException unknown) {
      return Long.MAX_VALUE;
    }
  }

  /**
   * Is there room for so much more?
   *
   * @throws RuntimeFault INTERNAL with the kernel's words, as Docker answers
   */
  public void require(long bytes, String what) {
    if (free() < bytes) {
      throw full(what);
    }
  }

  /** The fault for what does not fit. */
  public static RuntimeFault full(String what) {
    return new RuntimeFault(
        RuntimeFault.Kind.INTERNAL, "writing " + what + ": no space left on device");
  }
}
