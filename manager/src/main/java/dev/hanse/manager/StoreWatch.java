package dev.hanse.manager;

import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Waiting for what others write into the state. */
public final class StoreWatch {
  private StoreWatch() {}

  /**
   * Completes with the first state that fulfils the condition, the present one included; fails with
   * a {@link java.util.concurrent.TimeoutException}. The condition is asked on the thread that
   * applies the log: it must be quick.
   */
  public static CompletableFuture<Snapshot> until(
      Store store, Predicate<Snapshot> condition, Duration limit) {
    CompletableFuture<Snapshot> met = new CompletableFuture<>();
    Store.Subscription subscription =
        store.subscribe(
            (before, after, changes) -> {
              if (condition.test(after)) {
                met.complete(after);
              }
            });
    Snapshot now = store.snapshot();
    if (condition.test(now)) {
      met.complete(now);
    }
    return met.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((snapshot, error) -> subscription.close());
  }
}
