package dev.hanse.node;

import dev.hanse.identity.Backoff;
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
  private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
  private static final Duration PAUSE_LAST = Duration.ofSeconds(15);

  private final Manager manager;
  private final Supplier<List<String>> others;
  private final Thread thread = Thread.ofVirtual().name("manager-readmission").unstarted(this::run);

  private Readmission(Manager manager, Supplier<List<String>> others) {
    this.manager = manager;
    this.others = others;
  }

  /**
   * Begins to look after a manager that runs.
   *
   * @param others "HOST:PORT" of the other managers that are known; asked anew each time
   */
  static Readmission of(Manager manager, Supplier<List<String>> others) {
    Readmission readmission = new Readmission(manager, others);
    readmission.thread.start();
    return readmission;
  }

  private void run() {
    try {
      while (true) {
        awaitLeaderless();
        Duration pause = PAUSE_FIRST;
        while (isLeaderless()) {
          ask();
          Thread.sleep(pause);
          pause = Backoff.longer(pause, PAUSE_LAST);
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isLeaderless() {
    return manager.leader().isEmpty();
  }

  /** Returns when there was no leader for a while. */
  private void awaitLeaderless() throws InterruptedException {
    Duration without = Duration.ZERO;
    while (without.compareTo(PATIENCE) < 0) {
      Thread.sleep(LOOK);
      without = isLeaderless() ? without.plus(LOOK) : Duration.ZERO;
    }
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
    thread.interrupt();
  }
}
