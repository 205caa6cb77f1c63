package dev.hanse.raft;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Time in which this process ran, in nanoseconds from an arbitrary beginning. While all of its
 * threads stand still (a collection of garbage, a stopped machine, no processor to be had) it does
 * not go on: the silence of others in that time says nothing of them (Lifeguard, Dadgar et al.
 * 2018). Somebody calls {@link #tick} every now and then; when that comes late, the process is
 * taken to have stood still.
 */
final class LivedTime {
  /** Two ticks are due within less. */
  static final Duration STEP_MAX = Duration.ofMillis(250);

  private record Tick(long nanos, long lived) {
    long at(long now) {
      return lived + Math.clamp(now - nanos, 0, STEP_MAX.toNanos());
    }
  }

  private final LongSupplier nanoTime;
  private volatile Tick last;

  /** Counts by {@link System#nanoTime}, or what stands in for it. */
  LivedTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.last = new Tick(nanoTime.getAsLong(), 0);
  }

  /** Called more often than {@link #STEP_MAX}, unless the process stands still. */
  synchronized void tick() {
    long nanos = nanoTime.getAsLong();
    last = new Tick(nanos, last.at(nanos));
  }

  /** How long it has lived, in ns. */
  long now() {
    return last.at(nanoTime.getAsLong());
  }
}
