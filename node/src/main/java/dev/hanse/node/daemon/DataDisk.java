package dev.hanse.node.daemon;

import dev.hanse.health.Health;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The disk that the daemon's state is on, as a condition of the node; a look is two calls. */
final class DataDisk {
  /** With less nothing can be written that a task or the cluster's log takes. */
  static final long BYTES_MIN = 32L << 20;

  /** A fiftieth of the disk is to be free, but no more than this. */
  static final long RESERVE_BYTES_MAX = 512L << 20;

  private static final int RESERVE_DIVISOR = 50;
  private static final int MEBIBYTE_BITS = 20;

  private DataDisk() {}

  /** Registers it: without room for the state it is vital, with little room it is not. */
  static AutoCloseable watch(Health health, Path directory) {
    File disk = directory.toFile();
    Health.Part state =
        health.condition(
            "disk", true, () -> unusable(Files.isWritable(directory), disk.getUsableSpace()));
    Health.Part room =
        health.condition(
            "disk space", false, () -> low(disk.getUsableSpace(), disk.getTotalSpace()));
    return () -> {
      state.close();
      room.close();
    };
  }

  static Optional<String> unusable(boolean writable, long freeBytes) {
    if (!writable) {
      return Optional.of("the data root cannot be written to");
    }
    return freeBytes < BYTES_MIN ? Optional.of("the data root is full") : Optional.empty();
  }

  static Optional<String> low(long freeBytes, long totalBytes) {
    long reserve = Math.min(totalBytes / RESERVE_DIVISOR, RESERVE_BYTES_MAX);
    return freeBytes < reserve
        ? Optional.of("the data root is nearly full: " + (freeBytes >> MEBIBYTE_BITS) + " MiB free")
        : Optional.empty();
  }
}
