package dev.hanse.node.membership;

import dev.hanse.health.Backoff;
import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.manager.Manager;
import dev.hanse.manager.members.MembershipException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A manager that knows of no leader asks the others to be taken in. Mostly they have none either,
 * or have one soon, and nothing happens. But a node that is demoted and promoted again at once has
 * been taken out of the group meanwhile, and nobody tells it: it never had a worker's certificate.
 * It asks with the log that it has, not with an empty one, so that it does not forget what it has
 * acknowledged, whatever it believes of itself.
 */
final class Readmission implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Readmission.class);
  private static final Duration LOOK = Duration.ofMillis(500);

  /** Longer than an election takes. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration ATTEMPT_MAX = Duration.ofSeconds(10);
  private static final Duration ROUND_MAX = Duration.ofMinutes(2);
  private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
  private static final Duration PAUSE_LAST = Duration.ofSeconds(15);

  private final Manager manager;
  private final Supplier<List<String>> others;
  private final OwnerThread thread;

  // Of the thread.
  private Duration leaderless = Duration.ZERO;
  private Duration pause = PAUSE_FIRST;

  private Readmission(Health health, Manager manager, Supplier<List<String>> others) {
    this.manager = manager;
    this.others = others;
    this.thread =
        OwnerThread.named(health, "manager-readmission")
            .virtual()
            .stuckAfter(ROUND_MAX)
            .of(new Looks(this::look));
  }

  /**
   * Begins to look after a manager that runs.
   *
   * @param health what its thread reports to
   * @param others "HOST:PORT" of the other managers that are known; asked anew each time
   */
  static Readmission of(Health health, Manager manager, Supplier<List<String>> others) {
    Readmission readmission = new Readmission(health, manager, others);
    readmission.thread.start();
    return readmission;
  }

  private Duration look() throws InterruptedException {
    if (manager.leader().isPresent()) {
      leaderless = Duration.ZERO;
      pause = PAUSE_FIRST;
      return LOOK;
    }
    if (leaderless.compareTo(PATIENCE) < 0) {
      leaderless = leaderless.plus(LOOK);
      return LOOK;
    }
    Duration next = pause;
    pause = Backoff.longer(pause, PAUSE_LAST);
    ask();
    return next;
  }

  private void ask() throws InterruptedException {
    List<String> asked = others.get();
    if (asked.isEmpty()) {
      return;
    }
    try {
      manager.rejoin(asked, ATTEMPT_MAX);
      LOG.info("no leader was known here; the other managers count on this one");
    } catch (MembershipException refused) {
      LOG.info("no leader is known here; the other managers say: {}", refused.getMessage());
    }
  }

  @Override
  public void close() {
    thread.interruptAndEnd();
  }
}
