package dev.hanse.health;

import java.util.List;

/**
 * How a node does.
 *
 * @param entries its parts, by name
 */
public record HealthReport(List<Entry> entries) {
  /** Takes a copy. */
  public HealthReport {
    entries = List.copyOf(entries);
  }

  /**
   * A part.
   *
   * @param vital without it the node can run no tasks
   */
  public record Entry(String name, boolean vital, State state) {
    /** What is wrong, one sentence. */
    private String sentence() {
      return switch (state) {
        case Well _ -> name + " is well";
        case Faulty(String reason) -> name + ": " + reason;
        case Stuck(long seconds) -> name + " has been stuck for " + seconds + " s";
        case Ended(String reason) -> name + " has ended: " + reason;
      };
    }
  }

  /** How a part does. */
  public sealed interface State {}

  /** It does its work. */
  public record Well() implements State {}

  /** It tries, and fails. */
  public record Faulty(String reason) implements State {}

  /** It has not come back from a piece of work. */
  public record Stuck(long seconds) implements State {}

  /** It has given up, or its thread was ended. */
  public record Ended(String reason) implements State {}

  /** Whether nothing is wrong. */
  public boolean isWell() {
    return entries.stream().allMatch(entry -> entry.state instanceof Well);
  }

  /** What is wrong, one sentence each. */
  public List<String> faults() {
    return entries.stream()
        .filter(entry -> !(entry.state instanceof Well))
        .map(Entry::sentence)
        .toList();
  }

  /** What keeps the node from doing its work, one sentence each. */
  public List<String> vitalFaults() {
    return new HealthReport(entries.stream().filter(Entry::vital).toList()).faults();
  }
}
