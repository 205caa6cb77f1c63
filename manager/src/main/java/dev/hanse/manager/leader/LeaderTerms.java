package dev.hanse.manager.leader;

import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins and ends what the leader runs, on a thread of its own, so that the control loop never
 * waits for a part. When leadership changes quickly only the newest change counts.
 */
public final class LeaderTerms implements Turn<OptionalLong>, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(LeaderTerms.class);

  private final LongFunction<LeaderTerm> begin;
  private final OwnerThread thread;
  private volatile Optional<LeaderTerm> current = Optional.empty();

  // Guarded by this.
  private OptionalLong wanted = OptionalLong.empty();
  private OptionalLong settled = OptionalLong.empty();
  private boolean closed;

  /**
   * Starts without leading.
   *
   * @param begin makes what runs in that term
   */
  public LeaderTerms(Health health, LongFunction<LeaderTerm> begin) {
    this.begin = begin;
    this.thread =
        OwnerThread.named(health, "hanse-leader-terms").vital().virtual().of(this).start();
  }

  /** The control loop writes from now on in this term, or, if empty, no more. */
  public synchronized void changed(OptionalLong term) {
    wanted = term;
    notifyAll();
  }

  /** What runs in the present term; empty while this manager does not lead. */
  public Optional<LeaderTerm> current() {
    return current;
  }

  /** Waits until this manager leads; false if it does not in time. */
  public synchronized boolean await(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (current.isEmpty() && !closed) {
      long leftMs = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return false;
      }
      wait(leftMs);
    }
    return current.isPresent();
  }

  @Override
  public OptionalLong await() throws InterruptedException {
    return awaitChange();
  }

  /** What cannot begin is tried again: {@link #wanted} stays. */
  @Override
  public void perform(OptionalLong next) {
    end();
    if (next.isPresent()) {
      current = Optional.of(begin.apply(next.getAsLong()));
      logger.info("this manager leads the cluster");
    }
    settle(next);
  }

  private synchronized OptionalLong awaitChange() throws InterruptedException {
    while (wanted.equals(settled)) {
      wait();
    }
    return wanted;
  }

  private synchronized void settle(OptionalLong term) {
    settled = term;
    notifyAll();
  }

  private void end() {
    Optional<LeaderTerm> ending = current;
    current = Optional.empty();
    if (ending.isPresent()) {
      ending.get().close();
      logger.info("this manager no longer leads the cluster");
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    thread.close();
    end();
  }
}
