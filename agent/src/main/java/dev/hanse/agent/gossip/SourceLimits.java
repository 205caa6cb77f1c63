package dev.hanse.agent.gossip;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much is read from one address and from all: a bucket for each source, filled evenly. An
 * honest node sends some ten datagrams a second, and a few hundred when many nodes change at once.
 */
final class SourceLimits {
  static final int SOURCES_MAX = 4_096;

  private static final class Bucket {
    double left;
    long filledMs;

    Bucket(double left, long filledMs) {
      this.left = left;
      this.filledMs = filledMs;
    }

    boolean take(double perSecond, double burst, long nowMs) {
      left = Math.min(burst, left + (nowMs - filledMs) * perSecond / 1_000);
      filledMs = nowMs;
      if (left < 1) {
        return false;
      }
      left--;
      return true;
    }
  }

  private final double perSecond;
  private final double burst;
  private final Map<InetAddress, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Bucket> eldest) {
          return size() > SOURCES_MAX;
        }
      };

  SourceLimits(double perSecond, double burst) {
    this.perSecond = perSecond;
    this.burst = burst;
  }

  /** May one more be read? */
  boolean take(InetAddress source, long nowMs) {
    return buckets
        .computeIfAbsent(source, _ -> new Bucket(burst, nowMs))
        .take(perSecond, burst, nowMs);
  }
}
