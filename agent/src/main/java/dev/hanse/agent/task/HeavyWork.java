package dev.hanse.agent.task;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Places for work that takes much of the machine, such as the start of a container, so that not all
 * is begun at once. Who takes long gives the place up and goes on without: a start that hangs in
 * its image (one whose {@code /etc/passwd} is a FIFO) must not hold up those of others. The next
 * place goes to the group (a service) of which least is under way, with or without a place: so a
 * service whose starts all hang keeps no other waiting for more than one of them.
 */
final class HeavyWork {
  /** What a start takes on a busy machine, and more. */
  private static final Duration PLACE_MAX = Duration.ofSeconds(3);

  private final Duration placeMax;
  private final List<Waiter> waiting = new ArrayList<>();

  /** How much of each group is under way. */
  private final Map<String, Integer> underWay = new HashMap<>();

  private int free;

  private record Waiter(String group, Semaphore called) {}

  /** So many at a time. */
  HeavyWork(int places) {
    this(places, PLACE_MAX);
  }

  HeavyWork(int places, Duration placeMax) {
    this.free = places;
    this.placeMax = placeMax;
  }

  /** Waits for a place. */
  Place begin(String group) throws InterruptedException {
    Waiter waiter = new Waiter(group, new Semaphore(0));
    synchronized (this) {
      waiting.add(waiter);
      call();
    }
    try {
      waiter.called.acquire();
    } catch (InterruptedException brokenOff) {
      leave(waiter);
      throw brokenOff;
    }
    Place place = new Place(group);
    CompletableFuture.delayedExecutor(placeMax.toMillis(), TimeUnit.MILLISECONDS)
        .execute(place::giveUp);
    return place;
  }

  private synchronized void leave(Waiter waiter) {
    if (!waiting.remove(waiter)) {
      free++; // Called just now.
      end(waiter.group);
      call();
    }
  }

  /** Gives free places away; the lock is held. */
  private void call() {
    while (free > 0 && !waiting.isEmpty()) {
      Waiter next =
          waiting.stream()
              .min(Comparator.comparing(waiter -> underWay.getOrDefault(waiter.group, 0)))
              .orElseThrow();
      waiting.remove(next);
      free--;
      underWay.merge(next.group, 1, Integer::sum);
      next.called.release();
    }
  }

  private void end(String group) {
    underWay.computeIfPresent(group, (name, count) -> count == 1 ? null : count - 1);
  }

  /** Held until it is closed, but for so long only. */
  final class Place implements AutoCloseable {
    private final String group;
    private boolean given;
    private boolean over;

    private Place(String group) {
      this.group = group;
    }

    private void giveUp() {
      synchronized (HeavyWork.this) {
        if (!given) {
          given = true;
          free++;
          call();
        }
      }
    }

    /** The work has ended. */
    @Override
    public void close() {
      synchronized (HeavyWork.this) {
        if (!over) {
          over = true;
          end(group);
          giveUp();
        }
      }
    }
  }
}
