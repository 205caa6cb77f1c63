package dev.hanse.kernel.file;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps a directory for one process, by flock(2) on a file in it. The lock ends with the process,
 * in whatever way that ends; the file stays. (Java's own lock ends when any stream on the file is
 * closed.)
 */
public final class DirectoryLock implements AutoCloseable {
  /** The file's name; a directory that has one was kept by somebody once. */
  public static final String FILE = "lock";

  private static final int LOCK_EXCLUSIVE_AT_ONCE = 2 | 4;
  private static final NativeFunction FLOCK =
      NativeFunction.ofC("flock", NativeFunction.Result.INT);

  private final int descriptor;
  private boolean closed;

  private DirectoryLock(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Takes the lock of an existing directory, and writes this process' number into the {@link
   * #FILE}. The number is for those who are refused: a disk that is too full for it refuses nobody.
   *
   * @throws KernelException with EAGAIN if another process, or another part of this one, has it;
   *     the message names that process
   * @throws IOException if the file cannot be read
   */
  public static DirectoryLock acquire(Path directory) throws IOException {
    String operation = "lock directory " + directory;
    Path file = directory.resolve(FILE);
    DirectoryLock lock =
        new DirectoryLock(Descriptors.open(file, Descriptors.O_RDWR | Descriptors.O_CREAT));
    try {
      long outcome = FLOCK.attempt(lock.descriptor, LOCK_EXCLUSIVE_AT_ONCE);
      if (outcome == -Errno.EAGAIN.number()) {
        throw new KernelException(operation, Errno.EAGAIN, holder(directory) + " has it");
      }
      if (outcome < 0) {
        throw new KernelException(operation, new Errno((int) -outcome));
      }
      sign(file);
      return lock;
    } catch (IOException | RuntimeException fault) {
      lock.close();
      throw fault;
    }
  }

  private static void sign(Path file) {
    try {
      OwnFiles.write(file, ProcessHandle.current().pid() + "\n");
    } catch (IOException full) {
      // The lock is what counts.
      return;
    }
  }

  /**
   * Who has the lock of a directory: "process 17", or "another process" if it could not write that.
   */
  public static String holder(Path directory) throws IOException {
    String number = Files.readString(directory.resolve(FILE)).strip();
    return number.isEmpty() ? "another process" : "process " + number;
  }

  /** Gives the directory free. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Descriptors.close(descriptor);
    }
  }
}
