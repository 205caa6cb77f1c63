package dev.hanse.systemtest;

import dev.hanse.lab.Await;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;

/** The one way in which these tests wait. */
final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Eventually() {}

  /** An assertion about the world. */
  @FunctionalInterface
  interface Assertion {
    void check() throws Exception;
  }

  /** Waits until the assertion passes; at the limit its last failure is thrown. */
  static void eventually(Assertion assertion) {
    eventually(LIMIT, assertion);
  }

  /** As {@link #eventually(Assertion)} with another limit. */
  static void eventually(Duration limit, Assertion assertion) {
    AtomicReference<Throwable> last = new AtomicReference<>();
    try {
      Await.until(
          limit,
          "the assertion passes",
          () -> {
            try {
              assertion.check();
              return true;
            } catch (AssertionError failure) {
              last.set(failure);
              return false;
            }
          });
    } catch (RuntimeException late) {
      Throwable failure = last.get();
      if (failure instanceof AssertionError assertionError) {
        assertionError.addSuppressed(late);
        throw assertionError;
      }
      throw late;
    }
  }

  /** Waits for a value. */
  static <T> T value(String what, Callable<Optional<T>> source) {
    return Await.value(LIMIT, what, source);
  }
}
