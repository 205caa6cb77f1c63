package dev.hanse.kernel;

/** The kernel refused an operation. The message names the operation and the reason. */
public final class KernelException extends RuntimeException {
  private final Errno errno;

  /**
   * @param operation what was tried, such as {@code add link br0}
   */
  public KernelException(String operation, Errno errno) {
    super(operation + ": " + errno.text());
    this.errno = errno;
  }

  /**
   * @param detail what the kernel or we can say beyond errno's text
   */
  public KernelException(String operation, Errno errno, String detail) {
    super(operation + ": " + errno.text() + " (" + detail + ")");
    this.errno = errno;
  }

  /** The reason as a number, to decide by. */
  public Errno errno() {
    return errno;
  }

  /** Whether the thing to be made is already there. */
  public boolean alreadyExists() {
    return errno.equals(Errno.EEXIST);
  }

  /**
   * Whether the thing is not there: no such file, device, process, route (ESRCH) or address
   * (EADDRNOTAVAIL).
   */
  public boolean notFound() {
    return errno.equals(Errno.ENOENT)
        || errno.equals(Errno.ENODEV)
        || errno.equals(Errno.ESRCH)
        || errno.equals(Errno.EADDRNOTAVAIL);
  }
}
