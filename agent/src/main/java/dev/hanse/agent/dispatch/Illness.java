package dev.hanse.agent.dispatch;

import dev.hanse.health.HealthReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the managers are told of this node's health: the vital parts that have been ill for a while,
 * in words that stay as they are for as long as the same parts are ill. A short illness is not
 * told, and a node is well again only after a while, so that the managers write little and tasks
 * are not moved to and fro. One thread's.
 */
public final class Illness {
  /** A part is ill, or well again, for the managers when it has been so for longer. */
  public static final Duration TOLD_AFTER = Duration.ofSeconds(2);

  private Set<String> parts = Set.of();
  private String told = "";
  private long lastIllNanos;

  /** Nothing is told so far. */
  public Illness() {}

  /**
   * Takes a look.
   *
   * @param nowNanos of a clock that stands still while the process does
   * @return what to tell from now on, "" for a node that can run tasks; empty if nothing changes
   */
  public Optional<String> look(HealthReport report, long nowNanos) {
    List<HealthReport.Entry> ill = report.ill().stream().filter(HealthReport.Entry::vital).toList();
    List<HealthReport.Entry> lasting =
        ill.stream()
            .filter(
                entry -> parts.contains(entry.name()) || entry.illFor().compareTo(TOLD_AFTER) > 0)
            .toList();
    Set<String> names =
        lasting.stream()
            .map(HealthReport.Entry::name)
            .collect(Collectors.toCollection(TreeSet::new));
    if (names.containsAll(parts)) {
      lastIllNanos = nowNanos;
    } else if (nowNanos - lastIllNanos <= TOLD_AFTER.toNanos()) {
      return Optional.empty(); // What was told may be so again in a moment.
    }
    if (names.equals(parts)) {
      return Optional.empty();
    }
    parts = names;
    lastIllNanos = nowNanos;
    told = lasting.stream().map(HealthReport.Entry::sentence).collect(Collectors.joining("; "));
    return Optional.of(told);
  }

  /** What the managers are told now, "" if nothing. */
  public String told() {
    return told;
  }
}
