package dev.hanse.kernel.file;

import dev.hanse.kernel.Descriptors;
import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.NativeFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file for one process, by flock(2): anything that can be opened, a namespace's file in {@code
 * /proc} too. The lock ends with the process, in whatever way that ends. (Java's own lock ends when
 * any stream on the file is closed.)
 */
public final class AdvisoryLock implements AutoCloseable {
  private static final int LOCK_EXCLUSIVE_AT_ONCE = 2 | 4;
  private static final NativeFunction FLOCK =
      NativeFunction.ofC("flock", NativeFunction.Result.INT);

  private final int descriptor;
  private boolean closed;

  private AdvisoryLock(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Takes the lock.
   *
   * @param openFlags of open(2), such as {@link Descriptors#O_RDONLY}
   * @return empty if another process, or another part of this one, has it
   * @throws KernelException if the file cannot be opened or locked
   */
  public static Optional<AdvisoryLock> acquire(Path file, int openFlags) throws IOException {
    AdvisoryLock lock = new AdvisoryLock(Descriptors.open(file, openFlags));
    long outcome = FLOCK.attempt(lock.descriptor, LOCK_EXCLUSIVE_AT_ONCE);
    if (outcome >= 0) {
      return Optional.of(lock);
    }
    lock.close();
    if (outcome == -Errno.EAGAIN.number()) {
      return Optional.empty();
    }
    throw new KernelException("lock " + file, new Errno((int) -outcome));
  }

  /** Gives it free; of no effect the second time. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Descriptors.close(descriptor);
    }
  }
}
