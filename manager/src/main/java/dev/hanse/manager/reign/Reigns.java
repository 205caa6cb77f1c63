package dev.hanse.manager.reign;

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
public final class Reigns implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Reigns.class);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);

  private final LongFunction<Reign> begin;
  private final Thread thread = Thread.ofVirtual().name("hanse-reigns").unstarted(this::run);
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
  public Reigns(LongFunction<Reign> begin) {
    this.begin = begin;
    thread.start();
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

  private void run() {
    try {
      while (true) {
        OptionalLong next = awaitChange();
        end();
        if (next.isEmpty() || begin(next.getAsLong())) {
          settle(next);
        } else {
          Thread.sleep(RETRY_INTERVAL);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    } finally {
      end();
    }
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

  private boolean begin(long number) {
    try {
      current = Optional.of(begin.apply(number));
      logger.info("this manager leads the cluster");
      return true;
    } catch (RuntimeException e) {
      logger.error("a reign could not begin; trying again", e);
      return false;
    }
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
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
