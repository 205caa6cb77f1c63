package dev.hanse.lab;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Says every few seconds what is still waited for, until it is closed. */
final class Waiting implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(5);

  private final Consumer<String> progress;
  private final Duration period;
  private final Set<String> items = new TreeSet<>();
  private final Thread thread;

  /** Begins with nothing to wait for. */
  Waiting(Consumer<String> progress) {
    this(progress, PERIOD);
  }

  /** Says it with another period. */
  Waiting(Consumer<String> progress, Duration period) {
    this.progress = progress;
    this.period = period;
    this.thread = Thread.ofVirtual().name("lab-waiting").start(this::run);
  }

  /** One thing that is waited for. */
  interface Item extends AutoCloseable {
    /** It has come, or is given up. */
    @Override
    void close();
  }

  /** Something is waited for, until the result is closed. */
  Item item(String what) {
    synchronized (items) {
      items.add(what);
    }
    return () -> {
      synchronized (items) {
        items.remove(what);
      }
    };
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(period);
        String open;
        synchronized (items) {
          open = String.join(", ", items);
        }
        if (!open.isEmpty()) {
          progress.accept("still waiting for " + open);
        }
      }
    } catch (InterruptedException closed) {
      // Nothing more to say.
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
