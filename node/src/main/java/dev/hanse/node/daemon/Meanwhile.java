package dev.hanse.node.daemon;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * A part that starts on a thread of its own while others start; closing it waits for it and closes
 * what it became.
 */
final class Meanwhile<T extends AutoCloseable> implements AutoCloseable {
  private final CompletableFuture<T> part;

  private Meanwhile(CompletableFuture<T> part) {
    this.part = part;
  }

  static <T extends AutoCloseable> Meanwhile<T> start(String name, Supplier<T> starting) {
    return new Meanwhile<>(
        CompletableFuture.supplyAsync(
            starting, task -> Thread.ofPlatform().daemon().name(name).start(task)));
  }

  /**
   * The part, when it has started.
   *
   * @throws RuntimeException what the start has thrown
   */
  T await() throws InterruptedException {
    try {
      return part.get();
    } catch (ExecutionException fault) {
      if (fault.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException(fault.getCause());
    }
  }

  @Override
  public void close() throws Exception {
    T started;
    try {
      started = part.join();
    } catch (CompletionException neverStarted) {
      return;
    }
    started.close();
  }
}
