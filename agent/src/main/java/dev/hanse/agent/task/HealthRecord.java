package dev.hanse.agent.task;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What the probes of a container have said so far. Pure.
 *
 * @param health the verdict
 * @param failingStreak failures in a row that count
 * @param probes the last ones, oldest first, at most {@link #PROBES_KEPT_MAX}
 */
public record HealthRecord(HealthStatus health, int failingStreak, List<Probe> probes) {
  /** How many results are kept. */
  public static final int PROBES_KEPT_MAX = 5;

  /** Nothing known yet. */
  public static final HealthRecord INITIAL = new HealthRecord(HealthStatus.STARTING, 0, List.of());

  /** Copies the list. */
  public HealthRecord {
    probes = List.copyOf(probes);
  }

  /**
   * One probe.
   *
   * @param code exit code; -1 when it could not be executed or took too long
   * @param output at most 4096 bytes of what it wrote
   */
  public record Probe(Instant started, Instant ended, int code, String output) {}

  /** After one more probe. */
  public HealthRecord after(Probe probe, HealthCheck check, Instant containerStarted) {
    List<Probe> kept = new ArrayList<>(probes);
    kept.add(probe);
    if (kept.size() > PROBES_KEPT_MAX) {
      kept.removeFirst();
    }
    if (probe.code() == 0) {
      return new HealthRecord(HealthStatus.HEALTHY, 0, kept);
    }
    boolean forgiven =
        health == HealthStatus.STARTING
            && probe.started().isBefore(containerStarted.plus(check.startPeriod()));
    int streak = forgiven ? failingStreak : failingStreak + 1;
    return new HealthRecord(
        streak >= check.retries() ? HealthStatus.UNHEALTHY : health, streak, kept);
  }

  /** How long to wait before the next probe. */
  public Duration pause(HealthCheck check, Instant containerStarted, Instant now) {
    boolean inStartPeriod = now.isBefore(containerStarted.plus(check.startPeriod()));
    return inStartPeriod && health == HealthStatus.STARTING
        ? check.startInterval()
        : check.interval();
  }
}
