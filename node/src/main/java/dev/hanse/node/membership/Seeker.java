package dev.hanse.node.membership;

import dev.hanse.docker.SwarmRefusal;
import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.identity.certificate.NodeIdentity;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes on to ask for admission into a swarm whose managers have not answered who joins in time. */
final class Seeker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Seeker.class);
  static final Duration PAUSE = Duration.ofSeconds(1);

  private static final Duration ROUND_MAX = Duration.ofMinutes(5);

  private final Health health;
  private final Asking asking;
  private final Duration pause;
  private Optional<OwnerThread> thread = Optional.empty();

  /**
   * Asks nobody yet.
   *
   * @param health what its thread reports to
   * @param pause between two rounds
   */
  Seeker(Health health, Asking asking, Duration pause) {
    this.health = health;
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
    OwnerThread made =
        OwnerThread.named(health, "seeker")
            .virtual()
            .stuckAfter(ROUND_MAX)
            .of(new Looks(() -> look(outcome)));
    thread = Optional.of(made);
    made.start();
  }

  private Duration look(Outcome outcome) {
    try {
      Optional<NodeIdentity> identity = asking.ask();
      if (identity.isPresent()) {
        outcome.admitted(this, identity.get());
        settled();
      }
    } catch (SwarmRefusal refusal) {
      if (refusal.kind() == SwarmRefusal.Kind.UNAVAILABLE) {
        LOG.info("joining: {}", refusal.getMessage());
      } else {
        outcome.refused(this, refusal);
        settled();
      }
    }
    return pause;
  }

  private synchronized void settled() {
    thread.ifPresent(OwnerThread::endAfterTurn);
  }

  @Override
  public synchronized void close() {
    thread.ifPresent(OwnerThread::interruptAndEnd);
  }
}
