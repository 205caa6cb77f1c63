package dev.hanse.kernel;

import java.lang.foreign.MemorySegment;

/**
 * An error number of Linux (errno(3)); the numbers below are the same on x86-64 and AArch64.
 *
 * @param number positive
 */
public record Errno(int number) {
  public static final Errno EPERM = new Errno(1);
  public static final Errno ENOENT = new Errno(2);
  public static final Errno ESRCH = new Errno(3);
  public static final Errno EINTR = new Errno(4);
  public static final Errno ENXIO = new Errno(6);
  public static final Errno EBADF = new Errno(9);
  public static final Errno EAGAIN = new Errno(11);
  public static final Errno EBUSY = new Errno(16);
  public static final Errno EEXIST = new Errno(17);
  public static final Errno EXDEV = new Errno(18);
  public static final Errno ENODEV = new Errno(19);
  public static final Errno ENOTDIR = new Errno(20);
  public static final Errno EISDIR = new Errno(21);
  public static final Errno EINVAL = new Errno(22);
  public static final Errno EPIPE = new Errno(32);
  public static final Errno ENOSYS = new Errno(38);
  public static final Errno ENOTEMPTY = new Errno(39);
  public static final Errno ELOOP = new Errno(40);
  public static final Errno EOPNOTSUPP = new Errno(95);
  public static final Errno EADDRINUSE = new Errno(98);
  public static final Errno EADDRNOTAVAIL = new Errno(99);
  public static final Errno ETIMEDOUT = new Errno(110);

  private static final NativeFunction STRERROR =
      NativeFunction.ofC("strerror", NativeFunction.Result.LONG);
  private static final int TEXT_BYTES_MAX = 256;

  /** The C library's text, such as {@code File exists}. */
  public String text() {
    long text = STRERROR.value(number);
    return text == 0
        ? "error " + number
        : MemorySegment.ofAddress(text).reinterpret(TEXT_BYTES_MAX).getString(0);
  }
}
