package dev.hanse.agent.task;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Calls that take something (a mount, a file, a record of the runtime), which an interrupt must not
 * break off: half of it would be done, or all of it only after whoever gives it back has looked.
 */
final class Unbroken {
  private Unbroken() {}

  /**
   * What is to be done to its end.
   *
   * @param <T> what it returns
   * @param <X> a checked exception it throws
   * @param <Y> another one
   */
  @FunctionalInterface
  interface Body<T, X extends Exception, Y extends Exception> {
    T run() throws X, Y;
  }

  /**
   * Runs it on a thread that nobody interrupts and waits for it; who was interrupted meanwhile is
   * so afterwards.
   */
  @SuppressWarnings("unchecked") // The body throws an X, a Y, or what is not checked.
  static <T, X extends Exception, Y extends Exception> T call(Body<T, X, Y> body) throws X, Y {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    Callable<T> work = body::run;
    var unused =
        Thread.ofVirtual()
            .name(Thread.currentThread().getName() + ", unbroken")
            .start(
                () -> {
                  try {
                    outcome.complete(work.call());
                  } catch (Throwable fault) {
                    outcome.completeExceptionally(fault);
                  }
                });
    try {
      return outcome.join(); // Waits on through interrupts.
    } catch (CompletionException wrapped) {
      Throwable fault = Objects.requireNonNull(wrapped.getCause());
      if (fault instanceof Error error) {
        throw error;
      }
      throw (X) fault;
    }
  }
}
