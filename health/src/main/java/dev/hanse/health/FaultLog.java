package dev.hanse.health;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the faults of a thread, or of whom it calls: a stack trace now and then, a line for others,
 * and where they come in masses only how many there were. Who can cause faults could fill the disk
 * otherwise. Any thread.
 */
public final class FaultLog {
  private static final Logger logger = LoggerFactory.getLogger(OwnerThread.class);
  private static final Duration WHOLE_INTERVAL = Duration.ofSeconds(10);
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(1);

  private final String name;
  private long wholeAt = System.nanoTime() - WHOLE_INTERVAL.toNanos();
  private long lineAt = wholeAt;
  private long unsaid;

  /** With the name that its lines begin with. */
  public FaultLog(String name) {
    this.name = name;
  }

  /** One of many events has failed, and its fault ends nothing else. */
  public void log(Throwable fault) {
    log(fault, 1);
  }

  synchronized void log(Throwable fault, int inRow) {
    long now = System.nanoTime();
    if (now - wholeAt >= WHOLE_INTERVAL.toNanos()) {
      wholeAt = now;
      lineAt = now;
      logger.error("{}: a turn failed{}", name, before(), fault);
    } else if (now - lineAt >= LINE_INTERVAL.toNanos()) {
      lineAt = now;
      logger.error("{}: a turn failed, {} in a row{}: {}", name, inRow, before(), fault.toString());
    } else {
      unsaid++;
    }
  }

  private String before() {
    String said = unsaid == 0 ? "" : " (and " + unsaid + " others before)";
    unsaid = 0;
    return said;
  }
}
