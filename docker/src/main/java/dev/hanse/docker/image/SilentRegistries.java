package dev.hanse.docker.image;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Which registries gave no answer a moment ago. One silent repository may be its own fault, and
 * says nothing of the others; several are their registry's.
 */
final class SilentRegistries {
  static final Duration REMEMBERED = Duration.ofSeconds(30);
  static final int SILENT_REPOSITORIES = 2;
  private static final int REPOSITORIES_MAX = 100;

  private record Repository(String registry, String name) {}

  private final Map<Repository, Instant> until = new HashMap<>();

  /** It has given no answer. */
  synchronized void remember(String registry, String repository, Instant now) {
    forget(now);
    if (until.size() >= REPOSITORIES_MAX) {
      until.clear();
    }
    until.put(new Repository(registry, repository), now.plus(REMEMBERED));
  }

  /** Whether it makes no sense to ask. */
  synchronized boolean isSilent(String registry, String repository, Instant now) {
    forget(now);
    return until.containsKey(new Repository(registry, repository))
        || until.keySet().stream().filter(one -> one.registry.equals(registry)).count()
            >= SILENT_REPOSITORIES;
  }

  private void forget(Instant now) {
    until.values().removeIf(end -> !now.isBefore(end));
  }
}
