package dev.hanse.runtime.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A body of which something must come all the time while somebody waits for it: reading has no
 * timeout of its own, and a byte a minute would keep a pull for years.
 */
final class PacedBody extends FilterInputStream {
  /** The least that must come in each period; the slowest modem brings more in a minute. */
  static final int BYTES_MIN = 8 << 10;

  private final long stallNanos;
  private final Thread watch;
  private volatile boolean reading;

  /** Written by the reader only. */
  private volatile long received;

  private volatile Optional<Long> deadline = Optional.empty();
  private volatile boolean tooSlow;
  private volatile boolean over;

  PacedBody(InputStream body, Duration stall) {
    super(body);
    this.stallNanos = stall.toNanos();
    this.watch = Thread.ofVirtual().name("registry body watch").start(this::watch);
  }

  /** From now on the whole rest must come within that time. */
  void endWithin(Duration total) {
    deadline = Optional.of(System.nanoTime() + total.toNanos());
    LockSupport.unpark(watch);
  }

  private void watch() {
    long begin = System.nanoTime();
    long seen = 0;
    while (!over) {
      long now = System.nanoTime();
      long untilDeadline = deadline.map(end -> end - now).orElse(Long.MAX_VALUE);
      long untilPeriod = begin + stallNanos - now;
      boolean stalled = untilPeriod <= 0 && reading && received - seen < BYTES_MIN;
      if (stalled || untilDeadline <= 0) {
        cut();
        return;
      }
      if (untilPeriod <= 0) {
        begin = now;
        seen = received;
      } else {
        LockSupport.parkNanos(Math.min(untilPeriod, untilDeadline));
      }
    }
  }

  private void cut() {
    tooSlow = true;
    try {
      in.close();
    } catch (IOException broken) {
      // It is over in any case.
      return;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    reading = true;
    int count;
    try {
      count = super.read(target, offset, length);
    } catch (IOException failure) {
      throw tooSlow ? new IOException("the registry sends too slowly", failure) : failure;
    } finally {
      reading = false;
    }
    if (tooSlow) {
      throw new IOException("the registry sends too slowly");
    }
    if (count < 0) {
      end();
    } else {
      long sum = received + count;
      received = sum;
    }
    return count;
  }

  /** Skipped bytes are waited for like others. */
  @Override
  public long skip(long count) throws IOException {
    byte[] scratch = new byte[Math.clamp(count, 0, BYTES_MIN)];
    return scratch.length == 0 ? 0 : Math.max(0, read(scratch, 0, scratch.length));
  }

  private void end() {
    over = true;
    LockSupport.unpark(watch);
  }

  @Override
  public void close() throws IOException {
    end();
    super.close();
  }
}
