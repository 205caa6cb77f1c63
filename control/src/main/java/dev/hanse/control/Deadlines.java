package dev.hanse.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** When each service needs the next look even if nothing changes: timers as data. */
public final class Deadlines {
  private final Map<String, Instant> byService = new HashMap<>();

  /** Asks for a look at a service; an earlier wish for the same service stays in force. */
  public void add(String serviceId, Instant at) {
    byService.merge(serviceId, at, (one, other) -> one.isBefore(other) ? one : other);
  }

  void clear() {
    byService.clear();
  }

  void clear(String serviceId) {
    byService.remove(serviceId);
  }

  /** The services whose time has come. */
  List<String> due(Instant now) {
    List<String> due = new ArrayList<>();
    byService.forEach(
        (serviceId, at) -> {
          if (!at.isAfter(now)) {
            due.add(serviceId);
          }
        });
    return due;
  }

  Optional<Instant> next() {
    return byService.values().stream().min(Instant::compareTo);
  }
}
