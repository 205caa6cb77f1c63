package dev.hanse.health;

import java.time.Duration;

/** Pauses between attempts, which grow while they fail. */
public final class Backoff {
  private Backoff() {}

  /** The pause after this one: twice as long, and never longer than the last. */
  public static Duration longer(Duration pause, Duration last) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(last) < 0 ? twice : last;
  }
}
