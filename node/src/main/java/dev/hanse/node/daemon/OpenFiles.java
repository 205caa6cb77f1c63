package dev.hanse.node.daemon;

import dev.hanse.health.Health;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What this process may open, as a condition of the node: each connection, namespace and container
 * takes some of it, and without any nothing works though everything runs. Source: {@code
 * /proc/self/limits} and {@code /proc/self/fd} of proc(5).
 */
final class OpenFiles {
  /** With fewer left the start of a task may fail. */
  static final long LEFT_MIN = 16;

  private static final int RESERVE_DIVISOR = 10;
  private static final String LIMIT = "Max open files";
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Path OPEN = Path.of("/proc/self/fd");

  private OpenFiles() {}

  /** Registers it: with nothing left it is vital, with little left it is not. */
  static AutoCloseable watch(Health health) {
    Health.Part any = health.condition("open files", true, OpenFiles::exhausted);
    Health.Part reserve = health.condition("open files left", false, OpenFiles::scarce);
    return () -> {
      any.close();
      reserve.close();
    };
  }

  private static Optional<String> exhausted() {
    try {
      return exhausted(open(), limit());
    } catch (IOException none) {
      return Optional.of("the daemon cannot open files: " + none.getMessage());
    }
  }

  private static Optional<String> scarce() {
    try {
      return scarce(open(), limit());
    } catch (IOException none) {
      return Optional.empty(); // The other part says so.
    }
  }

  static Optional<String> exhausted(long open, long limit) {
    return limit - open < LEFT_MIN
        ? Optional.of("%d of the %d files that the daemon may open are open".formatted(open, limit))
        : Optional.empty();
  }

  static Optional<String> scarce(long open, long limit) {
    return limit - open < limit / RESERVE_DIVISOR
        ? Optional.of("%d of the %d files that the daemon may open are open".formatted(open, limit))
        : Optional.empty();
  }

  private static long open() throws IOException {
    long count = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(OPEN)) {
      for (Path _ : entries) {
        count++;
      }
    }
    return count;
  }

  private static long limit() throws IOException {
    return limit(Files.readString(LIMITS));
  }

  /** The soft limit in that file; "unlimited" is a number that nobody reaches. */
  static long limit(String limits) throws IOException {
    String line =
        limits
            .lines()
            .filter(each -> each.startsWith(LIMIT))
            .findFirst()
            .orElseThrow(() -> new IOException("no \"" + LIMIT + "\" in " + LIMITS));
    String soft = line.substring(LIMIT.length()).strip().split("\\s+", 2)[0];
    return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
  }
}
