package dev.hanse.docker.image;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Interrupts a thread while it does a piece of work, and never what it does afterwards. */
final class Interruption {
  private @Nullable Thread worker;

  /** Does it on this thread. */
  void during(ProgressStream.Work work) throws IOException {
    become(Thread.currentThread());
    try {
      work.run();
    } finally {
      become(null);
      Thread.interrupted();
    }
  }

  /** Interrupts the work, if it is under way. */
  synchronized void now() {
    if (worker != null) {
      worker.interrupt();
    }
  }

  private synchronized void become(@Nullable Thread thread) {
    worker = thread;
  }
}
