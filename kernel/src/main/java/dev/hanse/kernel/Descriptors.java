package dev.hanse.kernel;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Raw file descriptors, for what no Java channel can hold: FIFOs, namespaces, sockets of netlink.
 */
public final class Descriptors {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_NONBLOCK = 0x800;

  /** Set on everything opened here: no descriptor may leak into a child process. */
  private static final int O_CLOEXEC = 0x80000;

  private static final NativeFunction OPEN = NativeFunction.ofC("open", NativeFunction.Result.INT);
  private static final NativeFunction CLOSE =
      NativeFunction.ofC("close", NativeFunction.Result.INT);

  private Descriptors() {}

  /** Opens with close-on-exec; a file made by {@code O_CREAT} gets mode 0600. */
  public static int open(Path path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          OPEN.call(
              "open " + path,
              arena.allocateFrom(path.toString()).address(),
              flags | O_CLOEXEC,
              0600);
    }
  }

  /** Closes. Linux always frees the number, also when close reports an error, so none is thrown. */
  public static void close(int descriptor) {
    CLOSE.attempt(descriptor);
  }
}
