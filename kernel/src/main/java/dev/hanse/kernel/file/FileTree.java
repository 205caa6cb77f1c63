package dev.hanse.kernel.file;

import dev.hanse.kernel.KernelException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Everything below a directory: measured, copied, removed, by handles at each step, so that whoever
 * renames and links in there meanwhile leads nobody out. Links are never followed, and what is
 * mounted below is left alone. Methods throw {@link KernelException}.
 *
 * <p>A walk may take minutes and never parks, so on a virtual thread it would keep the carrier from
 * all others: it has a thread of its own, for which the caller waits.
 */
public final class FileTree {
  /** How deep measuring and copying go, and so how many descriptors a walk holds at most. */
  static final int DEPTH_MAX = 512;

  private FileTree() {}

  /**
   * Bytes of the files in a directory and below, as their sizes say. What lies more than 512
   * directories deep does not count.
   */
  public static long size(DirectoryHandle directory) {
    AtomicReference<Long> total = new AtomicReference<>(0L);
    apart(() -> total.set(TreeSize.of(directory, 0)));
    return total.get();
  }

  /**
   * Copies a directory's files, links and directories, with owners, modes and attributes; the
   * target takes over its source's own. What the target has already stays as it is. Devices, FIFOs
   * and sockets are left out.
   */
  public static void copy(DirectoryHandle source, DirectoryHandle target) {
    apart(() -> TreeCopy.content(source, target, 0));
  }

  /**
   * Removes an entry of a directory and everything below it, however deep; nothing happens when
   * there is none.
   */
  public static void remove(DirectoryHandle directory, EntryName name) {
    apart(() -> TreeRemoval.remove(directory, name));
  }

  private static void apart(Runnable walk) {
    if (!Thread.currentThread().isVirtual()) {
      walk.run();
      return;
    }
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("file-tree")
            .inheritInheritableThreadLocals(false)
            .uncaughtExceptionHandler((_, fault) -> failure.set(fault))
            .start(walk);
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        // Its handles are the caller's: it must not go on without it.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (failure.get()) {
      case null -> {}
      case KernelException fault -> throw fault;
      case Throwable fault -> throw new IllegalStateException("walk of a file tree", fault);
    }
  }
}
