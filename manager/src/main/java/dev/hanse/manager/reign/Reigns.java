package dev.hanse.manager.reign;

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
 * Begins and ends reigns on a thread of its own, so that the control loop never waits for a part.
 * When leadership changes quickly only the newest change counts.
 */
public final class Reigns implements Turn<OptionalLong>, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Reigns.class);

  private final LongFunction<Reign> begin;
  private final OwnerThread thread;
  private volatile Optional<Reign> current = Optional.empty();

  // Guarded by this.
  private OptionalLong wanted = OptionalLong.empty();
  private OptionalLong ruling = OptionalLong.empty();
  private boolean closed;

  /**
   * Starts without a reign.
   *
   * @param begin makes the reign of that number
   */
  public Reigns(Health health, LongFunction<Reign> begin) {
    this.begin = begin;
    this.thread = OwnerThread.named(health, "hanse-reigns").vital().virtual().of(this).start();
  }

  /** The control loop writes from now on in this reign, or, if empty, no more. */
  public synchronized void changed(OptionalLong reign) {
    wanted = reign;
    notifyAll();
  }

  /** The present reign; empty while this manager does not lead. */
  public Optional<Reign> current() {
    return current;
  }

  /** Waits for a reign; false if none has begun in time. */
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
    while (wanted.equals(ruling)) {
      wait();
    }
    return wanted;
  }

  private synchronized void settle(OptionalLong reign) {
    ruling = reign;
    notifyAll();
  }

  private void end() {
    Optional<Reign> ending = current;
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
