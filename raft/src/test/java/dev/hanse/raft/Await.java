package dev.hanse.raft;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waiting for what comes by itself. */
final class Await {
  private static final long LIMIT_SECONDS = 60;
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private Await() {}

  interface Condition {
    boolean holds() throws Exception;
  }

  /** Returns when the condition holds; an error after a minute. */
  static void until(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + LIMIT_SECONDS + " s: " + what);
      }
      LockSupport.parkNanos(INTERVAL_NANOS);
    }
  }
}
