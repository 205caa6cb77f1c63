package dev.hanse.sim.time;

import java.time.Instant;
import java.util.PriorityQueue;

/**
 * Virtual time: what is to happen, in the order of its time and, at the same time, of its entry.
 */
public final class Timeline {
  /** One millisecond, in nanoseconds: the unit of time here. */
  public static final long MS = 1_000_000L;

  /** One second, in nanoseconds. */
  public static final long SECOND = 1_000 * MS;

  /** More than so much at once is to happen only when something feeds itself. */
  private static final int EVENTS_MAX = 50_000;

  private static final Instant BEGIN = Instant.ofEpochSecond(1_000_000_000);

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now;
  private long entered;

  private record Event(long at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  /** At the beginning of time, with nothing to do. */
  public Timeline() {}

  /** Nanoseconds since the beginning. */
  public long nanos() {
    return now;
  }

  /** The time as clocks that are right show it. */
  public Instant instant() {
    return BEGIN.plusNanos(now);
  }

  /**
   * Has something done at a time; one that has passed is now.
   *
   * @throws IllegalStateException if too much is to happen already
   */
  public void at(long nanos, Runnable action) {
    if (events.size() >= EVENTS_MAX) {
      throw new IllegalStateException(
          EVENTS_MAX + " things are to happen at once: something feeds itself");
    }
    events.add(new Event(Math.max(nanos, now), entered++, action));
  }

  /** Has something done after so many nanoseconds. */
  public void after(long nanos, Runnable action) {
    at(now + nanos, action);
  }

  /** Lets everything happen up to a time, which is then now. Returns how many things happened. */
  public long runUntil(long end) {
    long happened = 0;
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event event = events.remove();
      now = event.at();
      event.action().run();
      happened++;
    }
    now = end;
    return happened;
  }
}
