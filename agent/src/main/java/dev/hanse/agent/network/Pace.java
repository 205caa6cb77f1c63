package dev.hanse.agent.network;

import java.time.Duration;

/**
 * When changed endpoints are applied: the first at once, those that follow together. While many
 * tasks start, each of them changes the rules of all; without a pause between two rounds the node
 * would do nothing else.
 */
final class Pace {
  private static final long PAUSE = Duration.ofMillis(75).toNanos();
  private static final long PAUSE_MAX = Duration.ofMillis(250).toNanos();

  /** A round may take this part of the time at most, but for the longest pause. */
  private static final int PAUSE_PER_WORK = 2;

  private long earliest;

  /** Begins with no pause. */
  Pace(long now) {
    this.earliest = now;
  }

  /** Nanoseconds until the next round may begin; 0 or less: now. */
  long left(long now) {
    return earliest - now;
  }

  /** Tells of a round. */
  void worked(long start, long end) {
    earliest = end + Math.min(PAUSE_MAX, Math.max(PAUSE, PAUSE_PER_WORK * (end - start)));
  }
}
