package dev.hanse.node;

import dev.hanse.docker.SwarmRefusal;
import dev.hanse.identity.NodeIdentity;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes on to ask for admission into a swarm whose managers have not answered who joins in time. */
final class Seeker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Seeker.class);
  static final Duration PAUSE = Duration.ofSeconds(1);

  private final Asking asking;
  private final Duration pause;
  private Optional<Thread> thread = Optional.empty();

  /**
   * Asks nobody yet.
   *
   * @param pause between two rounds
   */
  Seeker(Asking asking, Duration pause) {
    this.asking = asking;
    this.pause = pause;
  }

  /** One round of asking. */
  @FunctionalInterface
  interface Asking {
    /** The identity; empty if no manager answers. */
    Optional<NodeIdentity> ask() throws SwarmRefusal;
  }

  /** What came of it. */
  interface Outcome {
    /** A manager has let the node in. */
    void admitted(Seeker seeker, NodeIdentity identity);

    /** There will be no admission. */
    void refused(Seeker seeker, SwarmRefusal refusal);
  }

  /** Asks until it is settled, on a thread of its own. */
  synchronized void start(Outcome outcome) {
    thread = Optional.of(Thread.ofVirtual().name("seeker").start(() -> run(outcome)));
  }

  private void run(Outcome outcome) {
    try {
      while (true) {
        try {
          Optional<NodeIdentity> identity = asking.ask();
          if (identity.isPresent()) {
            outcome.admitted(this, identity.get());
            return;
          }
        } catch (SwarmRefusal refusal) {
          if (refusal.kind() != SwarmRefusal.Kind.UNAVAILABLE) {
            outcome.refused(this, refusal);
            return;
          }
          LOG.info("joining: {}", refusal.getMessage());
        }
        Thread.sleep(pause);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    thread.ifPresent(Thread::interrupt);
  }
}
