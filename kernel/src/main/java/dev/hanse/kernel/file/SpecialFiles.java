package dev.hanse.kernel.file;

import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** FIFOs, owners and modes by number. Methods throw {@link dev.hanse.kernel.KernelException}. */
public final class SpecialFiles {
  private static final NativeFunction MKFIFO =
      NativeFunction.ofC("mkfifo", NativeFunction.Result.INT);
  private static final NativeFunction LCHOWN =
      NativeFunction.ofC("lchown", NativeFunction.Result.INT);
  private static final NativeFunction CHMOD =
      NativeFunction.ofC("chmod", NativeFunction.Result.INT);

  private SpecialFiles() {}

  /**
   * Makes a FIFO.
   *
   * @param mode such as 0600, less the bits of the process' umask
   */
  public static void makeFifo(Path path, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      MKFIFO.call("make FIFO " + path, arena.allocateFrom(path.toString()).address(), mode);
    }
  }

  /** Gives a file to a user and a group, which need no names; a symbolic link is not followed. */
  public static void owner(Path path, int user, int group) {
    try (Arena arena = Arena.ofConfined()) {
      LCHOWN.call(
          "give " + path + " to " + user + ":" + group,
          arena.allocateFrom(path.toString()).address(),
          user,
          group);
    }
  }

  /**
   * Sets the permissions, with the bits that Java does not know.
   *
   * @param mode such as 01777
   */
  public static void mode(Path path, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      CHMOD.call(
          "set mode of " + path + " to " + Integer.toOctalString(mode),
          arena.allocateFrom(path.toString()).address(),
          mode);
    }
  }
}
