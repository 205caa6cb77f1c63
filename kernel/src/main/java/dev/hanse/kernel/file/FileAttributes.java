package dev.hanse.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Gives a file the owner, mode, times and attributes of another, both held by handles. */
final class FileAttributes {
  private static final int VALUE_BYTES_MAX = 65_536;
  private static final int NAMES_BYTES_MAX = 65_536;

  /** What says something about the content; labels of security modules belong to the place. */
  private static final List<String> COPIED =
      List.of(
          "user.", "security.capability", "system.posix_acl_access", "system.posix_acl_default");

  private static final NativeFunction FCHOWN =
      NativeFunction.ofC("fchown", NativeFunction.Result.INT);
  private static final NativeFunction FCHMOD =
      NativeFunction.ofC("fchmod", NativeFunction.Result.INT);
  private static final NativeFunction FUTIMENS =
      NativeFunction.ofC("futimens", NativeFunction.Result.INT);
  private static final NativeFunction FCHOWNAT =
      NativeFunction.ofC("fchownat", NativeFunction.Result.INT);
  private static final NativeFunction FLISTXATTR =
      NativeFunction.ofC("flistxattr", NativeFunction.Result.LONG);
  private static final NativeFunction FGETXATTR =
      NativeFunction.ofC("fgetxattr", NativeFunction.Result.LONG);
  private static final NativeFunction FSETXATTR =
      NativeFunction.ofC("fsetxattr", NativeFunction.Result.INT);

  private FileAttributes() {}

  /** Both are open, not only pinned. */
  static void copy(Handle from, Handle to) {
    FileStatus status = from.status();
    String operation = "give " + to + " the attributes of " + from;
    // In this order: a change of the owner takes capabilities and setuid bits away.
    FCHOWN.call(operation, to.descriptor(), status.user(), status.group());
    FCHMOD.call(operation, to.descriptor(), status.mode());
    extended(operation, from, to);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment times = arena.allocate(JAVA_LONG, 4);
      for (int i = 0; i < 4; i += 2) {
        times.setAtIndex(JAVA_LONG, i, status.modifiedSeconds());
        times.setAtIndex(JAVA_LONG, i + 1, status.modifiedNanos());
      }
      FUTIMENS.call(operation, to.descriptor(), times.address());
    }
  }

  /** A link has an owner, and nothing else that anybody heeds. */
  static void linkOwner(FileStatus from, PinnedHandle link) {
    try (Arena arena = Arena.ofConfined()) {
      FCHOWNAT.call(
          "give " + link + " to its owner",
          link.descriptor(),
          arena.allocateFrom("").address(),
          from.user(),
          from.group(),
          FileStatus.AT_EMPTY_PATH);
    }
  }

  private static void extended(String operation, Handle from, Handle to) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment names = arena.allocate(NAMES_BYTES_MAX);
      long length = FLISTXATTR.attempt(from.descriptor(), names.address(), NAMES_BYTES_MAX);
      if (length <= 0) {
        unlessUnsupported(operation, length);
        return;
      }
      MemorySegment value = arena.allocate(VALUE_BYTES_MAX);
      long position = 0;
      while (position < length) {
        String name = names.getString(position);
        if (COPIED.stream().anyMatch(name::startsWith)) {
          copy(operation, from, to, names.address() + position, value);
        }
        position += name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length + 1L;
      }
    }
  }

  private static void copy(
      String operation, Handle from, Handle to, long name, MemorySegment value) {
    long length = FGETXATTR.attempt(from.descriptor(), name, value.address(), VALUE_BYTES_MAX);
    if (length >= 0) {
      unlessUnsupported(
          operation, FSETXATTR.attempt(to.descriptor(), name, value.address(), length, 0));
    }
  }

  private static void unlessUnsupported(String operation, long outcome) {
    if (outcome < 0 && outcome != -Errno.EOPNOTSUPP.number()) {
      throw new KernelException(operation, new Errno((int) -outcome));
    }
  }
}
