package dev.hanse.health;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Time in which this process ran, in nanoseconds from an arbitrary beginning. While all of its
 * threads stand still (a collection of garbage, a stopped machine, no processor to be had) it does
 * not go on: the silence of others in that time says nothing of them (Lifeguard, Dadgar et al.
 * 2018). Somebody calls {@link #tick} every now and then; when that comes late, the process is
 * taken to have stood still.
 */
public final class LivedTime {
  /** Two ticks are due within less. */
  public static final Duration STEP_MAX = Duration.ofMillis(250);

  private static final Duration TICK = Duration.ofMillis(100);

  private record Tick(long nanos, long lived) {
    long at(long now) {
      return lived + Math.clamp(now - nanos, 0, STEP_MAX.toNanos());
    }
  }

  private final LongSupplier nanoTime;
  private volatile Tick last;

  /** Counts by {@link System#nanoTime}, or what stands in for it. */
  public LivedTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.last = new Tick(nanoTime.getAsLong(), 0);
  }

  /** The one of this process; a thread that does nothing else ticks for it. */
  public static LivedTime ofProcess() {
    return OfProcess.TIME;
  }

  private static final class OfProcess {
    static final LivedTime TIME = new LivedTime(System::nanoTime);

    static {
      Thread.ofPlatform().daemon().name("lived-time").start(OfProcess::run);
    }

    private static void run() {
      while (true) {
        LockSupport.parkNanos(TICK.toNanos());
        TIME.tick();
      }
    }
  }

  /** Called more often than {@link #STEP_MAX}, unless the process stands still. */
  public synchronized void tick() {
    long nanos = nanoTime.getAsLong();
    last = new Tick(nanos, last.at(nanos));
  }

  /** How long it has lived, in ns. */
  public long now() {
    return last.at(nanoTime.getAsLong());
  }
}
