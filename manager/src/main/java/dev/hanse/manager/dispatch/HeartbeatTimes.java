package dev.hanse.manager.dispatch;

import dev.hanse.control.Times;
import dev.hanse.model.Cluster;
import dev.hanse.store.Snapshot;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** How often nodes are to be heard, from the cluster's specification (swarmkit's numbers). */
record HeartbeatTimes(Duration period) {
  private static final Duration PERIOD_DEFAULT = Duration.ofSeconds(5);
  private static final Duration JITTER_MAX = Duration.ofMillis(500);
  private static final int GRACE = 3;

  /** After a start nodes must first find the manager again. */
  private static final int GRACE_UNKNOWN = 6;

  static HeartbeatTimes of(Snapshot snapshot) {
    Duration wanted =
        snapshot
            .cluster()
            .map(Cluster::getSpec)
            .map(spec -> Times.duration(spec.getDispatcher().getHeartbeatPeriod()))
            .orElse(PERIOD_DEFAULT);
    return new HeartbeatTimes(wanted.isPositive() ? wanted : PERIOD_DEFAULT);
  }

  /** A period a little longer or shorter, so that nodes do not beat together. */
  Duration next(RandomGenerator random) {
    long jitter = Math.min(JITTER_MAX.toNanos(), period.toNanos() / 10);
    return period.plusNanos(jitter == 0 ? 0 : random.nextLong(2 * jitter) - jitter);
  }

  /** How long a node that was told this period may be silent. */
  static Duration grace(Duration period) {
    return period.multipliedBy(GRACE);
  }

  Duration graceUnknown() {
    return period.multipliedBy(GRACE_UNKNOWN);
  }
}
