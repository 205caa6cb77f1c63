package dev.hanse.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** When each key of a pass needs the next look even if nothing changes: timers as data. */
public final class Deadlines {
  private final Map<String, Instant> byKey = new HashMap<>();

  /** Asks for a look at a key; an earlier wish for the same key stays. */
  public void add(String key, Instant at) {
    byKey.merge(key, at, (one, other) -> one.isBefore(other) ? one : other);
  }

  void clear() {
    byKey.clear();
  }

  void clear(String key) {
    byKey.remove(key);
  }

  /** The keys whose time has come. */
  List<String> due(Instant now) {
    List<String> due = new ArrayList<>();
    byKey.forEach(
        (key, at) -> {
          if (!at.isAfter(now)) {
            due.add(key);
          }
        });
    return due;
  }

  Optional<Instant> next() {
    return byKey.values().stream().min(Instant::compareTo);
  }
}
