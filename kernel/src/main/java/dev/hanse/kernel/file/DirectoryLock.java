package dev.hanse.kernel.file;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Keeps a directory for one process, by an {@link AdvisoryLock} on a file in it, which stays. */
public final class DirectoryLock implements AutoCloseable {
  /** The file's name; a directory that has one was kept by somebody once. */
  public static final String FILE = "lock";

  private final AdvisoryLock lock;

  private DirectoryLock(AdvisoryLock lock) {
    this.lock = lock;
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
    Path file = directory.resolve(FILE);
    Optional<AdvisoryLock> lock =
        AdvisoryLock.acquire(file, Descriptors.O_RDWR | Descriptors.O_CREAT);
    if (lock.isEmpty()) {
      throw new KernelException(
          "lock directory " + directory, Errno.EAGAIN, holder(directory) + " has it");
    }
    sign(file);
    return new DirectoryLock(lock.get());
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
  public void close() {
    lock.close();
  }
}
