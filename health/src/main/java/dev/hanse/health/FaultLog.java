package dev.hanse.health;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs a thread's faults: a stack trace now and then, a line for others, and where they come in
 * masses only how many there were. Who can cause faults could fill the disk otherwise.
 */
final class FaultLog {
  private static final Logger logger = LoggerFactory.getLogger(OwnerThread.class);
  private static final Duration WHOLE_INTERVAL = Duration.ofSeconds(10);
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(1);

  private final String thread;
  private long wholeAt = System.nanoTime() - WHOLE_INTERVAL.toNanos();
  private long lineAt = wholeAt;
  private long unsaid;

  FaultLog(String thread) {
    this.thread = thread;
  }

  void log(Throwable fault, int inRow) {
    long now = System.nanoTime();
    if (now - wholeAt >= WHOLE_INTERVAL.toNanos()) {
      wholeAt = now;
      lineAt = now;
      logger.error("{}: a turn failed{}", thread, before(), fault);
    } else if (now - lineAt >= LINE_INTERVAL.toNanos()) {
      lineAt = now;
      logger.error(
          "{}: a turn failed, {} in a row{}: {}", thread, inRow, before(), fault.toString());
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
