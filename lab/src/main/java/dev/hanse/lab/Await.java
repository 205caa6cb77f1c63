package dev.hanse.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for conditions of the world outside, which tells nobody when they come true: asks again and
 * again.
 */
public final class Await {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

  private Await() {}

  /** A question; what it throws is reported if the wait ends in vain. */
  @FunctionalInterface
  public interface Condition {
    /** True when the wait is over. */
    boolean holds() throws Exception;
  }

  /**
   * Waits until {@code condition} holds.
   *
   * @param what the condition in words, for the message of the failure
   * @throws LabException when it did not hold within {@code limit} or the thread was interrupted
   */
  public static void until(Duration limit, String what, Condition condition) {
    value(limit, what, () -> condition.holds() ? Optional.of(true) : Optional.empty());
  }

  /**
   * Waits until {@code source} has a value and returns it. A question that throws counts as no
   * value yet, except a {@link LabException}, which ends the wait.
   *
   * @throws LabException when there was no value within {@code limit} or the thread was interrupted
   */
  public static <T> T value(Duration limit, String what, Callable<Optional<T>> source) {
    long end = System.nanoTime() + limit.toNanos();
    String lastFault = "";
    while (true) {
      try {
        Optional<T> value = source.call();
        if (value.isPresent()) {
          return value.get();
        }
        lastFault = "";
      } catch (LabException conclusive) {
        throw conclusive;
      } catch (Exception fault) {
        lastFault = ", last fault: " + fault;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new LabException("interrupted while waiting for: " + what);
      }
      if (System.nanoTime() - end > 0) {
        throw new LabException("not within " + limit.toSeconds() + " s: " + what + lastFault);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
