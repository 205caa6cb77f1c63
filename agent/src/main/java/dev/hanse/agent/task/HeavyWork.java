package dev.hanse.agent.task;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Places for work that takes much of the machine, such as the start of a container, so that not all
 * is begun at once. Who takes long gives the place up and goes on without: a start that hangs in
 * its image (one whose {@code /etc/passwd} is a FIFO) must not hold up those of others.
 */
final class HeavyWork {
  /** What a start takes on a busy machine, and more. */
  private static final Duration PLACE_MAX = Duration.ofSeconds(3);

  private final Semaphore places;
  private final Duration placeMax;

  /** So many at a time. */
  HeavyWork(int places) {
    this(places, PLACE_MAX);
  }

  HeavyWork(int places, Duration placeMax) {
    this.places = new Semaphore(places, true);
    this.placeMax = placeMax;
  }

  /** Waits for a place. */
  Place begin() throws InterruptedException {
    places.acquire();
    Place place = new Place();
    CompletableFuture.delayedExecutor(placeMax.toMillis(), TimeUnit.MILLISECONDS)
        .execute(place::close);
    return place;
  }

  /** Held until it is closed, but for so long only. */
  final class Place implements AutoCloseable {
    private final AtomicBoolean given = new AtomicBoolean();

    @Override
    public void close() {
      if (given.compareAndSet(false, true)) {
        places.release();
      }
    }
  }
}
