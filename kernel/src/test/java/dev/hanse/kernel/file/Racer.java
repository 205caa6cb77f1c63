package dev.hanse.kernel.file;

import dev.hanse.kernel.NativeFunction;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Exchanges two entries again and again until it is closed, as a container can in its volume. */
public final class Racer implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int EXCHANGE = 2;
  private static final NativeFunction RENAMEAT2 =
      NativeFunction.ofC("renameat2", NativeFunction.Result.INT);

  private final AtomicLong exchanges = new AtomicLong();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean ended;

  private Racer(Path one, Path other) {
    thread = Thread.ofPlatform().daemon().name("racer").start(() -> race(one, other));
  }

  /** Begins; has tried once when this returns. */
  public static Racer between(Path one, Path other) throws InterruptedException {
    Racer racer = new Racer(one, other);
    racer.begun.await();
    return racer;
  }

  private void race(Path one, Path other) {
    try (Arena arena = Arena.ofConfined()) {
      long first = arena.allocateFrom(one.toString()).address();
      long second = arena.allocateFrom(other.toString()).address();
      while (!ended) {
        if (RENAMEAT2.attempt(AT_FDCWD, first, AT_FDCWD, second, EXCHANGE) == 0) {
          exchanges.incrementAndGet();
        }
        begun.countDown();
      }
    }
  }

  /** How often it was quick enough; a test asks that it raced at all. */
  public long exchanges() {
    return exchanges.get();
  }

  @Override
  public void close() throws InterruptedException {
    ended = true;
    thread.join();
  }
}
