package dev.hanse.kernel.file;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A mount that is held: first without a place ({@link #of}, {@link #tmpfs}), then at the place that
 * it is attached to, which is a handle too. So no path is looked up between the choice of a place
 * and the mount. Closed before it was attached, it is gone. Methods throw {@link KernelException}.
 */
public final class MountHandle extends Handle {
  /** How mounts made below travel, mount_namespaces(7); with what is mounted below or without. */
  public enum Propagation {
    PRIVATE(1 << 18),
    PRIVATE_WITH_ALL_BELOW(1 << 18 | MS_RECURSIVE),
    SLAVE_WITH_ALL_BELOW(1 << 19 | MS_RECURSIVE);

    private final long bits;

    Propagation(long bits) {
      this.bits = bits;
    }
  }

  private static final long MS_READ_ONLY = 1;
  private static final long MS_REMOUNT = 0x20;
  private static final long MS_BIND = 0x1000;
  private static final long MS_RECURSIVE = 0x4000;

  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long FSOPEN = 430;
  private static final long FSCONFIG = 431;
  private static final long FSMOUNT = 432;
  private static final long MOUNT_SETATTR = 442;

  private static final long OPEN_TREE_CLONE = 1;
  private static final long CLOSE_ON_EXEC = 0x80000;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long AT_RECURSIVE = 0x8000;
  private static final long MOVE_MOUNT_FROM_HANDLE_TO_HANDLE = 0x04 | 0x40;
  private static final long FS_CLOSE_ON_EXEC = 1;
  private static final long SET_STRING = 1;
  private static final long CREATE = 6;
  private static final int MOUNT_ATTR_BYTES = 32;

  private static final NativeFunction SYSCALL =
      NativeFunction.ofC("syscall", NativeFunction.Result.LONG);
  private static final NativeFunction MOUNT =
      NativeFunction.ofC("mount", NativeFunction.Result.INT);

  private MountHandle(long descriptor, String name) {
    super((int) descriptor, name);
  }

  /**
   * Another mount of a file or directory that is held.
   *
   * @param recursive with what is mounted below it
   */
  public static MountHandle of(Handle source, boolean recursive) {
    try (Arena arena = Arena.ofConfined()) {
      return new MountHandle(
          SYSCALL.call(
              "clone mount of " + source.name(),
              OPEN_TREE,
              source.descriptor(),
              empty(arena),
              OPEN_TREE_CLONE | CLOSE_ON_EXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)),
          source.name());
    }
  }

  /**
   * A new file system in memory.
   *
   * @param options such as {@code size} and {@code mode}
   */
  public static MountHandle tmpfs(Map<String, String> options, Set<Mounts.Flag> flags) {
    String operation = "make a tmpfs";
    try (Arena arena = Arena.ofConfined()) {
      int made =
          (int)
              SYSCALL.call(
                  operation, FSOPEN, arena.allocateFrom("tmpfs").address(), FS_CLOSE_ON_EXEC);
      try {
        options.forEach(
            (name, value) ->
                SYSCALL.call(
                    operation + " with " + name + "=" + value,
                    FSCONFIG,
                    made,
                    SET_STRING,
                    arena.allocateFrom(name).address(),
                    arena.allocateFrom(value).address(),
                    0));
        SYSCALL.call(operation, FSCONFIG, made, CREATE, 0, 0, 0);
        return new MountHandle(
            SYSCALL.call(operation, FSMOUNT, made, FS_CLOSE_ON_EXEC, Mounts.bits(flags)), "tmpfs");
      } finally {
        Descriptors.close(made);
      }
    }
  }

  /** Gives it its place: a directory for a directory, a file for another file. */
  public void attach(Handle place) {
    try (Arena arena = Arena.ofConfined()) {
      SYSCALL.call(
          "mount " + name() + " at " + place.name(),
          MOVE_MOUNT,
          descriptor(),
          empty(arena),
          place.descriptor(),
          empty(arena),
          MOVE_MOUNT_FROM_HANDLE_TO_HANDLE);
    }
  }

  /** Once it is attached. */
  public void propagate(Propagation way) {
    change("set propagation of " + name(), way.bits);
  }

  /**
   * Lets nobody write through it; once it is attached.
   *
   * @param withAllBelow what is mounted below it too: {@link Mounts#canSetAttributesRecursively}
   */
  public void readOnly(boolean withAllBelow) {
    String operation = "make read-only " + name();
    long outcome = setReadOnly(withAllBelow);
    if (outcome == -Errno.ENOSYS.number() && !withAllBelow) {
      // Forgets the mount's other flags, hence only second.
      change(operation, MS_BIND | MS_REMOUNT | MS_READ_ONLY);
    } else {
      check(operation, outcome);
    }
  }

  private long setReadOnly(boolean withAllBelow) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(MOUNT_ATTR_BYTES, Long.BYTES);
      attributes.set(ValueLayout.JAVA_LONG, 0, MS_READ_ONLY);
      return SYSCALL.attempt(
          MOUNT_SETATTR,
          descriptor(),
          empty(arena),
          AT_EMPTY_PATH | (withAllBelow ? AT_RECURSIVE : 0),
          attributes.address(),
          MOUNT_ATTR_BYTES);
    }
  }

  private void change(String operation, long flags) {
    try (Arena arena = Arena.ofConfined()) {
      long none = arena.allocateFrom("none").address();
      MOUNT.call(operation, none, arena.allocateFrom(path()).address(), none, flags, 0);
    }
  }

  /** Its root, to go on below it; it must be a directory. */
  public DirectoryHandle root() {
    return DirectoryHandle.open(Path.of(path(), "."), name());
  }

  private static long empty(Arena arena) {
    return arena.allocateFrom("").address();
  }
}
