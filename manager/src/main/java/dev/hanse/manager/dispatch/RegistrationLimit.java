package dev.hanse.manager.dispatch;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A node may register three times within eight seconds (swarmkit's numbers). */
final class RegistrationLimit {
  private static final int REGISTRATIONS_MAX = 3;
  private static final Duration PERIOD = Duration.ofSeconds(8);

  private record Attempts(int count, long lastNanos) {}

  private final Map<String, Attempts> attempts = new HashMap<>();

  boolean admits(String nodeId, long nowNanos) {
    attempts.values().removeIf(old -> nowNanos - old.lastNanos() > PERIOD.toNanos());
    Attempts before = attempts.getOrDefault(nodeId, new Attempts(0, nowNanos));
    if (before.count() >= REGISTRATIONS_MAX) {
      return false;
    }
    attempts.put(nodeId, new Attempts(before.count() + 1, nowNanos));
    return true;
  }
}
