package dev.hanse.manager.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Events for one thread, bounded: who posts to a full mailbox waits for room. Each event that was
 * taken in is performed, also when the thread ends: callers wait for the answers of some.
 */
final class Mailbox {
  private static final int EVENTS_MAX = 10_000;
  private static final int LOOK_MS = 50;

  private final BlockingQueue<Runnable> events = new ArrayBlockingQueue<>(EVENTS_MAX);

  // Posting reads, closing writes: after it nobody is in between.
  private final ReentrantReadWriteLock closing = new ReentrantReadWriteLock();
  private volatile boolean closed;

  /** Adds an event; false if the mailbox is closed or the thread interrupted. */
  boolean post(Runnable event) {
    closing.readLock().lock();
    try {
      while (!closed) {
        if (events.offer(event, LOOK_MS, TimeUnit.MILLISECONDS)) {
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closing.readLock().unlock();
    }
    return false;
  }

  /** Ends a wait in {@link #take}; a full mailbox does that by itself. */
  void wake() {
    if (!events.offer(() -> {})) {
      return;
    }
  }

  /** Waits for events, but no longer than told. */
  List<Runnable> take(long waitNanos) throws InterruptedException {
    List<Runnable> taken = new ArrayList<>();
    Runnable first = events.poll(waitNanos, TimeUnit.NANOSECONDS);
    if (first != null) {
      taken.add(first);
      events.drainTo(taken);
    }
    return taken;
  }

  /** Takes no more events and gives out the last. */
  List<Runnable> close() {
    closed = true;
    closing.writeLock().lock();
    try {
      List<Runnable> last = new ArrayList<>();
      events.drainTo(last);
      return last;
    } finally {
      closing.writeLock().unlock();
    }
  }
}
