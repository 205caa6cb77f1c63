package dev.hanse.docker.events;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The last events in a ring, and a bell for those who wait for the next. Publishing never blocks; a
 * reader that is slower than the ring's turn misses events, as with Docker.
 */
public final class EventHub {
  /** Events kept. Docker keeps 256; a swarm's first seconds make more. */
  public static final int EVENTS_MAX = 1024;

  private final Event[] ring = new Event[EVENTS_MAX];

  /** Number of events so far, and so the number of the next one. */
  private long next;

  private long wakes;

  /** Adds an event. */
  public synchronized void publish(Event event) {
    ring[(int) (next % EVENTS_MAX)] = event;
    next++;
    notifyAll();
  }

  /** The number that the next event will have: where a reader of new events begins. */
  public synchronized long position() {
    return next;
  }

  /** The number of the oldest event kept: where a reader of past events begins. */
  public synchronized long oldest() {
    return Math.max(0, next - EVENTS_MAX);
  }

  /** Wakes all readers, so that they look whether they should stop. */
  public synchronized void wake() {
    wakes++;
    notifyAll();
  }

  /**
   * The events from a position on; waits for one if there is none.
   *
   * @return the events and the position after them; no events if none came, or {@link #wake} was
   *     called
   */
  public synchronized Batch read(long position, long waitMs) throws InterruptedException {
    long wakesBefore = wakes;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
    long left = waitMs;
    while (position >= next && wakes == wakesBefore && left > 0) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    }
    long from = Math.max(position, oldest());
    List<Event> events = new ArrayList<>();
    for (long number = from; number < next; number++) {
      events.add(ring[(int) (number % EVENTS_MAX)]);
    }
    return new Batch(events, Math.max(position, next));
  }

  /** Some events and where to read on. */
  public record Batch(List<Event> events, long position) {}
}
