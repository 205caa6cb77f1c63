package dev.hanse.bounds;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Work that keeps a processor busy for somebody who may want any amount of it, such as a reader of
 * a long log. A virtual thread keeps its carrier for as long as it computes or reads a file, and
 * there are as few carriers as processors: some such readers would leave none for answers and
 * heartbeats. So it is done by a few threads of the system's, whom the kernel makes share.
 */
public final class BulkWork {
  private static final ExecutorService THREADS =
      Executors.newFixedThreadPool(
          Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
          Thread.ofPlatform().daemon().name("bulk-work-", 0).factory());

  private BulkWork() {}

  /**
   * Has one piece of it done, of some milliseconds at most: others wait for their turn. If the
   * caller is interrupted while it waits, the piece is not begun, or is brought to its end unseen.
   */
  public static <T> T call(Callable<T> piece) throws IOException, InterruptedException {
    Future<T> result = THREADS.submit(piece);
    try {
      return result.get();
    } catch (InterruptedException brokenOff) {
      result.cancel(false);
      throw brokenOff;
    } catch (ExecutionException failed) {
      throw thrown(failed.getCause());
    }
  }

  private static IOException thrown(@Nullable Throwable cause) throws InterruptedException {
    switch (cause) {
      case IOException fault -> {
        return fault;
      }
      case RuntimeException fault -> throw fault;
      case Error fault -> throw fault;
      case InterruptedException fault -> throw fault;
      case null, default -> {
        return new IOException(cause);
      }
    }
  }
}
