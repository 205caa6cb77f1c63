package dev.hanse.agent;

import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Looks now and then for what belongs to no task, and gives it back: at once after the start, since
 * an earlier run may have been killed anywhere, and then again for what nobody expects. A look that
 * fails is not put off. On a thread of its own, which waits for containerd and the disk.
 */
final class Leftovers implements Turn<Leftovers.Search> {
  private static final Duration PERIOD = Duration.ofSeconds(60);

  /** Of many containers each is killed and removed. */
  private static final Duration LOOK_MAX = Duration.ofMinutes(5);

  private final Search search;

  /** Whether the last look came to its end. */
  private boolean looked;

  /** One look at everything. */
  @FunctionalInterface
  interface Search {
    /** Gives back what it finds. */
    void run() throws InterruptedException;
  }

  private Leftovers(Search search) {
    this.search = search;
  }

  static OwnerThread start(Health health, Search search) {
    return OwnerThread.named(health, "hanse-leftovers")
        .stuckAfter(LOOK_MAX)
        .of(new Leftovers(search))
        .start();
  }

  @Override
  public Search await() throws InterruptedException {
    if (looked) {
      TimeUnit.NANOSECONDS.sleep(PERIOD.toNanos());
    }
    return search;
  }

  @Override
  public void perform(Search due) throws InterruptedException {
    looked = false;
    due.run();
    looked = true;
  }
}
