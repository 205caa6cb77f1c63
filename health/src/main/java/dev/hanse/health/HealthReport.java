package dev.hanse.health;

import dev.hanse.text.Printable;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a node does.
 *
 * @param entries its parts, by name
 */
public record HealthReport(List<Entry> entries) {
  /** A reason is cut here: what it quotes may have come from anywhere, and be of any length. */
  public static final int REASON_CHARS_MAX = 300;

  /** Takes a copy. */
  public HealthReport {
    entries = List.copyOf(entries);
  }

  /**
   * A part.
   *
   * @param vital without it the node can run no tasks
   * @param illFor since it was first seen as it is, if it is not well: since somebody asked
   */
  public record Entry(String name, Kind kind, boolean vital, State state, Duration illFor) {
    /** Whether nothing is wrong with it. */
    public boolean isWell() {
      return state instanceof Well;
    }

    /** What is wrong, one sentence. */
    public String sentence() {
      return switch (state) {
        case Well _ -> name + " is well";
        case Faulty(String reason) -> name + ": " + reason;
        case Stuck(long seconds) -> name + " has been stuck for " + seconds + " s";
        case Ended(String reason) -> name + " has ended: " + reason;
      };
    }

    /** Whether only a new start of the process can help. */
    private boolean isLost() {
      return switch (kind) {
        case CONDITION -> false;
        case THREAD ->
            switch (state) {
              case Well _, Faulty _ -> false;
              case Stuck _, Ended _ -> true;
            };
      };
    }
  }

  /** What a part is. */
  public enum Kind {
    /** Of this process. */
    THREAD,
    /** Of the node, whatever process it is in. */
    CONDITION
  }

  /** How a part does. */
  public sealed interface State {}

  /** It does its work. */
  public record Well() implements State {}

  /** It tries, and fails. */
  public record Faulty(String reason) implements State {
    /** Makes one short line of the reason. */
    public Faulty {
      reason = line(reason);
    }
  }

  /** It has not come back from a piece of work. */
  public record Stuck(long seconds) implements State {}

  /** It has given up, or its thread was ended. */
  public record Ended(String reason) implements State {
    /** Makes one short line of the reason. */
    public Ended {
      reason = line(reason);
    }
  }

  private static String line(String text) {
    return Printable.line(text, REASON_CHARS_MAX);
  }

  /** The parts with which something is wrong. */
  public List<Entry> ill() {
    return entries.stream().filter(entry -> !entry.isWell()).toList();
  }

  /** Whether nothing is wrong. */
  public boolean isWell() {
    return ill().isEmpty();
  }

  /** Whether the node does its work, although something may be wrong. */
  public boolean isFit() {
    return vitalFaults().isEmpty();
  }

  /**
   * Whether a thread without which the node does nothing is stuck or has ended: then a new start of
   * the process helps, and nothing else does. A condition is none of its threads, however vital.
   */
  public boolean needsNewProcess() {
    return entries.stream().anyMatch(entry -> entry.vital && entry.isLost());
  }

  /** What is wrong, one sentence each. */
  public List<String> faults() {
    return sentences(ill().stream());
  }

  /** What keeps the node from doing its work, one sentence each. */
  public List<String> vitalFaults() {
    return sentences(ill().stream().filter(Entry::vital));
  }

  private static List<String> sentences(Stream<Entry> entries) {
    return entries.map(Entry::sentence).toList();
  }
}
