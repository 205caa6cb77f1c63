package dev.hanse.agent.network;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, for a bounded time. */
final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Eventually() {}

  static void holds(String what, Callable<Boolean> condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Exception last = new IllegalStateException("was false");
    while (System.nanoTime() < deadline) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (Exception fault) {
        last = fault;
      }
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    throw new AssertionError("never happened: " + what, last);
  }
}
