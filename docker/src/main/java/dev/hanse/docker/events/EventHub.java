package dev.hanse.docker.events;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The last events in a ring, and a bell for those who wait for the next. Publishing never blocks; a
 * reader that is slower than the ring's turn misses events, as with Docker.
 */
public final class EventHub {
  /** Events kept. Docker keeps 256; a swarm's first seconds make more. */
  public static final int EVENTS_MAX = 1024;

  /** What the events kept may take, bytes; the last one is kept in any case. */
  static final long BYTES_MAX = 8 << 20;

  private final @Nullable Event[] ring = new Event[EVENTS_MAX];
  private long bytes;

  /** Number of the oldest event kept. */
  private long first;

  /** Number of events so far, and so the number of the next one. */
  private long next;

  private long wakes;

  /** Adds an event. */
  public synchronized void publish(Event event) {
    bytes += event.heapBytes();
    while (first < next && (bytes > BYTES_MAX || next - first == EVENTS_MAX)) {
      forgetFirst();
    }
    ring[(int) (next % EVENTS_MAX)] = event;
    next++;
    notifyAll();
  }

  private void forgetFirst() {
    int place = (int) (first % EVENTS_MAX);
    Event oldest = ring[place];
    bytes -= oldest == null ? 0 : oldest.heapBytes();
    ring[place] = null;
    first++;
  }

  /** The number that the next event will have: where a reader of new events begins. */
  public synchronized long position() {
    return next;
  }

  /** The number of the oldest event kept: where a reader of past events begins. */
  public synchronized long oldest() {
    return first;
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
      Event event = ring[(int) (number % EVENTS_MAX)];
      if (event != null) {
        events.add(event);
      }
    }
    return new Batch(events, Math.max(position, next));
  }

  /** Some events and where to read on. */
  public record Batch(List<Event> events, long position) {}
}
