package dev.hanse.health;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Turns of a thread that reconciles: it looks at the state and does what is missing, at once when
 * it is told that something has changed, and in any case after the time that its last look said.
 * After a look that failed it looks again as soon as {@link OwnerThread} lets it.
 */
public final class Looks implements Turn<Looks.Look> {
  private final Semaphore news = new Semaphore(1);
  private final Look look;

  /** Of the thread. */
  private Duration pause = Duration.ZERO;

  /** Looks, and does what is missing. */
  @FunctionalInterface
  public interface Look {
    /** Returns after which time to look again if nothing is told before. */
    Duration look() throws Exception;
  }

  /** Looks at once when started. */
  public Looks(Look look) {
    this.look = look;
  }

  /** Something has changed. Never blocks; any thread. */
  public void wake() {
    if (news.availablePermits() == 0) {
      news.release();
    }
  }

  @Override
  public Look await() throws InterruptedException {
    if (news.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
      news.drainPermits();
    }
    return look;
  }

  @Override
  public void perform(Look due) throws Exception {
    pause = Duration.ZERO;
    pause = due.look();
  }
}
