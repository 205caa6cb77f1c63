package dev.hanse.health;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How a thread does; written by the thread, read by anybody. */
final class ThreadPart extends Health.Part {
  /** So many faulty turns one after the other mean more than one bad event. */
  static final int FAULTS_TOLERATED = 3;

  private final long stuckNanos;
  private volatile long workingSince = -1;
  private volatile int faultsInRow;
  private volatile @Nullable String lastFault;
  private volatile @Nullable String ended;

  ThreadPart(Health health, String name, boolean vital, Duration stuckAfter) {
    super(health, name, vital);
    this.stuckNanos = stuckAfter.toNanos();
  }

  void works() {
    workingSince = now();
  }

  void waits() {
    workingSince = -1;
  }

  void didWell() {
    if (faultsInRow != 0) {
      faultsInRow = 0;
    }
  }

  /** Returns how many there were one after the other. */
  int faulted(Throwable fault) {
    int now = faultsInRow + 1;
    faultsInRow = now;
    lastFault = told(fault);
    return now;
  }

  /**
   * A fault's own text is made by whoever made the fault, and may take memory that is not there.
   */
  static String told(Throwable fault) {
    try {
      return fault.toString();
    } catch (Throwable _) {
      return fault.getClass().getName();
    }
  }

  void ended(String reason) {
    ended = reason;
  }

  @Override
  HealthReport.Kind kind() {
    return HealthReport.Kind.THREAD;
  }

  @Override
  HealthReport.State state() {
    String end = ended;
    if (end != null) {
      return new HealthReport.Ended(end);
    }
    long since = workingSince;
    if (since >= 0 && now() - since > stuckNanos) {
      return new HealthReport.Stuck((now() - since) / 1_000_000_000);
    }
    if (faultsInRow >= FAULTS_TOLERATED) {
      return new HealthReport.Faulty("fails again and again: " + lastFault);
    }
    return new HealthReport.Well();
  }
}
