package dev.hanse.kernel.file;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;

/**
 * A file that was found and is held by its descriptor: whatever becomes of the path that led to it,
 * this stays the same file. Close it; closing again does nothing. Of use to one thread at a time.
 */
public abstract sealed class Handle implements AutoCloseable
    permits DirectoryHandle, FileHandle, MountHandle, PinnedHandle {
  private final int descriptor;
  private final String name;
  private boolean closed;

  Handle(int descriptor, String name) {
    this.descriptor = descriptor;
    this.name = name;
  }

  /** What it is. */
  public FileStatus status() {
    return FileStatus.of("examine " + name, descriptor());
  }

  int descriptor() {
    if (closed) {
      throw new IllegalStateException("closed: " + name);
    }
    return descriptor;
  }

  /**
   * How this process itself can open it once more; following it is safe, only we could change it.
   */
  String path() {
    return "/proc/self/fd/" + descriptor();
  }

  /** For messages: where it was found. */
  String name() {
    return name;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Descriptors.close(descriptor);
    }
  }

  /** Whether a call found its file. */
  static boolean isThere(String operation, long outcome) {
    if (outcome == -Errno.ENOENT.number()) {
      return false;
    }
    check(operation, outcome);
    return true;
  }

  static void check(String operation, long outcome) {
    if (outcome < 0) {
      throw new KernelException(operation, new Errno((int) -outcome));
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
