package dev.hanse.kernel.file;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Mounts of the program's mount namespace (mount(2)). Methods throw {@link KernelException}. */
public final class Mounts {
  /** How a file system is mounted. */
  public enum Flag {
    READ_ONLY(1),
    NO_SET_USER_ID(2),
    NO_DEVICES(4),
    NO_EXECUTION(8);

    private final int bit;

    Flag(int bit) {
      this.bit = bit;
    }
  }

  private static final long MS_REMOUNT = 0x20;
  private static final long MS_BIND = 0x1000;
  private static final long MS_RECURSIVE = 0x4000;
  private static final long MS_PRIVATE = 1 << 18;
  private static final long MS_SHARED = 1 << 20;
  private static final long MNT_DETACH = 2;
  private static final long UMOUNT_NOFOLLOW = 8;

  /** The kernel takes one page of options. */
  private static final int OPTIONS_BYTES_MAX = 4095;

  private static final Path TABLE = Path.of("/proc/self/mountinfo");
  private static final NativeFunction MOUNT =
      NativeFunction.ofC("mount", NativeFunction.Result.INT);
  private static final NativeFunction UMOUNT =
      NativeFunction.ofC("umount2", NativeFunction.Result.INT);

  private static final NativeFunction SYSCALL =
      NativeFunction.ofC("syscall", NativeFunction.Result.LONG);

  /** mount_setattr(2), the same on every architecture since it is younger than they. */
  private static final long SYS_MOUNT_SETATTR = 442;

  /** These two have no function in older C libraries; the numbers are the same on all machines. */
  private static final long OPEN_TREE = 428;

  private static final long MOVE_MOUNT = 429;

  private static final long OPEN_TREE_CLONE = 1;
  private static final long OPEN_TREE_CLOSE_ON_EXEC = 0x80000;
  private static final long MOVE_MOUNT_FROM_EMPTY_PATH = 4;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long AT_RECURSIVE = 0x8000;
  private static final long AT_WORKING_DIRECTORY = -100;

  private Mounts() {}

  /**
   * Mounts a file system.
   *
   * @param type such as {@code tmpfs}
   * @param source a device, or any name for file systems without one
   * @param options those of the file system, such as {@code size=64m,mode=1777}; may be empty
   */
  public static void mount(
      String type, String source, Path target, Set<Flag> flags, String options) {
    String operation = "mount " + type + " on " + target;
    if (options.length() > OPTIONS_BYTES_MAX) {
      throw new KernelException(
          operation, Errno.EINVAL, "options exceed " + OPTIONS_BYTES_MAX + " bytes");
    }
    call(operation, source, target, type, bits(flags), options);
  }

  /** Mounts a file system in memory, of at most so many bytes. */
  public static void tmpfs(Path target, long bytesMax, int mode, Set<Flag> flags) {
    tmpfs(target, flags, "size=" + bytesMax + ",mode=" + Integer.toOctalString(mode));
  }

  /** Mounts a file system in memory, of at most so many bytes and files, its root included. */
  public static void tmpfs(Path target, long bytesMax, int filesMax, int mode, Set<Flag> flags) {
    tmpfs(
        target,
        flags,
        "size=" + bytesMax + ",nr_inodes=" + filesMax + ",mode=" + Integer.toOctalString(mode));
  }

  private static void tmpfs(Path target, Set<Flag> flags, String options) {
    mount("tmpfs", "tmpfs", target, flags, options);
  }

  /**
   * Shows a file or directory, with the mounts below it, at another place too.
   *
   * @param flags need a second step, which also is done here
   */
  public static void bind(Path source, Path target, Set<Flag> flags) {
    String operation = "bind " + source + " to " + target;
    call(operation, source.toString(), target, "none", MS_BIND | MS_RECURSIVE, "");
    if (!flags.isEmpty()) {
      try {
        call(operation, "none", target, "none", MS_BIND | MS_REMOUNT | bits(flags), "");
      } catch (KernelException fault) {
        unmount(target);
        throw fault;
      }
    }
  }

  /**
   * Shows a file or directory that is held, with the mounts below it, at another place too. Unlike
   * {@link #bind} it looks up no path but that of the place, so the source is what was found when
   * the handle was made. What is mounted or unmounted later below either is not seen at the other.
   *
   * @param place an empty file for a file, a directory for a directory
   */
  public static void show(Handle source, Path place) {
    String operation = "show " + source + " at " + place;
    try (Arena arena = Arena.ofConfined()) {
      long nothing = arena.allocateFrom("").address();
      int tree =
          (int)
              SYSCALL.call(
                  operation,
                  OPEN_TREE,
                  source.descriptor(),
                  nothing,
                  OPEN_TREE_CLONE | OPEN_TREE_CLOSE_ON_EXEC | AT_EMPTY_PATH | AT_RECURSIVE);
      try {
        SYSCALL.call(
            operation,
            MOVE_MOUNT,
            tree,
            nothing,
            AT_WORKING_DIRECTORY,
            arena.allocateFrom(place.toString()).address(),
            MOVE_MOUNT_FROM_EMPTY_PATH);
      } finally {
        Descriptors.close(tree);
      }
    }
    try {
      call(operation, "none", place, "none", MS_PRIVATE | MS_RECURSIVE, "");
    } catch (KernelException fault) {
      unmount(place);
      throw fault;
    }
  }

  /**
   * Mounts layers of directories as one.
   *
   * @param lower read-only layers, the uppermost first; colons in paths are escaped
   * @param upper takes what is written
   * @param work an empty directory on the file system of {@code upper}
   */
  public static void overlay(List<Path> lower, Path upper, Path work, Path target) {
    List<String> escaped = new ArrayList<>();
    lower.forEach(layer -> escaped.add(escape(layer)));
    mount(
        "overlay",
        "overlay",
        target,
        EnumSet.noneOf(Flag.class),
        "lowerdir=%s,upperdir=%s,workdir=%s"
            .formatted(String.join(":", escaped), escape(upper), escape(work)));
  }

  private static String escape(Path path) {
    return path.toString().replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,");
  }

  /** Lets mounts made below a mount point appear in other mount namespaces, or not any more. */
  public static void propagate(Path target, boolean shared) {
    call(
        "set propagation of " + target,
        "none",
        target,
        "none",
        shared ? MS_SHARED : MS_PRIVATE,
        "");
  }

  /** Takes the uppermost mount away at once; who still uses it keeps it until he is done. */
  public static void unmount(Path target) {
    try (Arena arena = Arena.ofConfined()) {
      UMOUNT.call("unmount " + target, arena.allocateFrom(target.toString()).address(), MNT_DETACH);
    }
  }

  /** Has the kernel mount_setattr(2), which changes a mount and all below it at once? */
  public static boolean canSetAttributesRecursively() {
    // Arguments that no kernel takes: only one without the call answers that it has none.
    return SYSCALL.attempt(SYS_MOUNT_SETATTR, -1, 0, 0, 0, 0) != -Errno.ENOSYS.number();
  }

  /** Takes all mounts at a place away, one over the other; nothing happens when there is none. */
  public static void unmountAll(Path target) {
    try (Arena arena = Arena.ofConfined()) {
      long path = arena.allocateFrom(target.toString()).address();
      long outcome = 0;
      while (outcome == 0) {
        outcome = UMOUNT.attempt(path, MNT_DETACH | UMOUNT_NOFOLLOW);
      }
      if (outcome != -Errno.EINVAL.number() && outcome != -Errno.ENOENT.number()) {
        throw new KernelException("unmount " + target, new Errno((int) -outcome));
      }
    }
  }

  /**
   * Takes a mount away with all that is mounted below it. Those may be peers of mounts elsewhere,
   * which would go with them, so they cease to be that first. Nothing happens when there is none.
   */
  public static void unmountTree(Path place) {
    try (Arena arena = Arena.ofConfined()) {
      long none = arena.allocateFrom("none").address();
      // It fails when nothing is mounted.
      MOUNT.attempt(
          none, arena.allocateFrom(place.toString()).address(), none, MS_PRIVATE | MS_RECURSIVE, 0);
    }
    unmountAll(place);
  }

  /** All mounts in the order they were made. */
  public static List<Mount> list() {
    try (var lines = Files.lines(TABLE)) {
      return lines.map(MountTable::parse).toList();
    } catch (IOException fault) {
      throw new UncheckedIOException("list mounts", fault);
    }
  }

  /** Whether something is mounted there. */
  public static boolean isMounted(Path target) {
    return list().stream().anyMatch(mount -> mount.target().equals(target));
  }

  static long bits(Set<Flag> flags) {
    long bits = 0;
    for (Flag flag : flags) {
      bits |= flag.bit;
    }
    return bits;
  }

  private static void call(
      String operation, String source, Path target, String type, long flags, String options) {
    try (Arena arena = Arena.ofConfined()) {
      MOUNT.call(
          operation,
          arena.allocateFrom(source).address(),
          arena.allocateFrom(target.toString()).address(),
          arena.allocateFrom(type).address(),
          flags,
          options.isEmpty() ? MemorySegment.NULL.address() : arena.allocateFrom(options).address());
    }
  }
}
