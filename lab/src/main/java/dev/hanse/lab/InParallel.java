package dev.hanse.lab;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does the same with many things at once, a virtual thread each. */
final class InParallel {
  private InParallel() {}

  /** Work on one thing. */
  @FunctionalInterface
  interface Work<T> {
    void with(T thing) throws Exception;
  }

  /**
   * Returns when the work is done with all; the first failure is thrown after the others have ended
   * too.
   */
  static <T> void each(Collection<T> things, Work<T> work) {
    List<Future<?>> futures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (T thing : things) {
        futures.add(
            threads.submit(
                () -> {
                  work.with(thing);
                  return null;
                }));
      }
    }
    for (Future<?> future : futures) {
      try {
        future.get();
      } catch (ExecutionException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof LabException known) {
          throw known;
        }
        throw new LabException(String.valueOf(cause.getMessage()), cause);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new LabException("interrupted", interrupted);
      }
    }
  }
}
