package dev.hanse.runtime.images;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Breaks a download off when nothing has come for a while: reading it has no timeout of its own.
 */
final class StallGuard implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(StallGuard.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final InputStream stream;
  private final Thread watch;
  private volatile boolean moved = true;

  StallGuard(InputStream stream) {
    this.stream = stream;
    this.watch = Thread.ofVirtual().name("download watch").start(this::watch);
  }

  /** Something came. */
  void moved() {
    moved = true;
  }

  private void watch() {
    try {
      while (moved) {
        moved = false;
        Thread.sleep(PATIENCE);
      }
      LOG.warn("a download stalled for {}", PATIENCE);
      stream.close();
    } catch (InterruptedException finished) {
      Thread.currentThread().interrupt();
    } catch (IOException broken) {
      LOG.debug("closing a stalled download", broken);
    }
  }

  @Override
  public void close() throws IOException {
    watch.interrupt();
    stream.close();
  }
}
