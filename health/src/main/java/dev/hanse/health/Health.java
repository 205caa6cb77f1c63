package dev.hanse.health;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with this node: its parts, and how each of them does. Parts come and go; asking
 * costs a look at each of them and never waits. Any thread.
 */
public final class Health {
  /** So many at most: a part that is registered again and again and never closed is a fault. */
  static final int PARTS_MAX = 1_000;

  private final Set<Part> parts = ConcurrentHashMap.newKeySet();
  private final LongSupplier clock;

  /** Of a process. */
  public Health() {
    this(LivedTime.ofProcess()::now);
  }

  /** With another clock, in ns. */
  public Health(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * A condition of the node that is looked at when somebody asks.
   *
   * @param vital without it the node can run no tasks
   * @param fault what is wrong, one sentence; empty if nothing is. Must not wait.
   */
  public Part condition(String name, boolean vital, Supplier<Optional<String>> fault) {
    return add(new Condition(this, name, vital, fault));
  }

  <P extends Part> P add(P part) {
    if (parts.size() >= PARTS_MAX) {
      throw new IllegalStateException("more than " + PARTS_MAX + " parts: " + part.name());
    }
    parts.add(part);
    return part;
  }

  void remove(Part part) {
    parts.remove(part);
  }

  long now() {
    return clock.getAsLong();
  }

  /** All parts as they are now, by name. */
  public HealthReport report() {
    return new HealthReport(
        parts.stream()
            .map(Part::report)
            .sorted(Comparator.comparing(HealthReport.Entry::name))
            .toList());
  }

  /** What keeps this node from doing its work, one sentence each; empty if it does it. */
  public List<String> vitalFaults() {
    return report().vitalFaults();
  }

  /** A part of the node. */
  public abstract static sealed class Part implements AutoCloseable permits ThreadPart, Condition {
    private final Health health;
    private final String name;
    private final boolean vital;

    /** When it was first seen to be ill, while it is; written by whoever asks. */
    private volatile @Nullable Long illSince;

    Part(Health health, String name, boolean vital) {
      this.health = health;
      this.name = name;
      this.vital = vital;
    }

    final String name() {
      return name;
    }

    final long now() {
      return health.now();
    }

    abstract HealthReport.State state();

    abstract HealthReport.Kind kind();

    private HealthReport.Entry report() {
      HealthReport.State state = state();
      return new HealthReport.Entry(
          name, kind(), vital, state, illFor(state instanceof HealthReport.Well));
    }

    private Duration illFor(boolean well) {
      Long since = illSince;
      if (well || since == null) {
        illSince = well ? null : Long.valueOf(now());
        return Duration.ZERO;
      }
      return Duration.ofNanos(now() - since);
    }

    /** It has ended as it should, and is no part any more. */
    @Override
    public final void close() {
      health.remove(this);
    }
  }
}
