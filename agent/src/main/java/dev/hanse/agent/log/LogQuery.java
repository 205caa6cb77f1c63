package dev.hanse.agent.log;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What to read of a log.
 *
 * @param sources which outputs
 * @param tail how many of the last lines before following; empty for all
 * @param since only entries at or after this time
 * @param until only entries at or before this time; ends a follow too
 * @param follow go on with what is written later, until the container ends
 */
public record LogQuery(
    Set<LogSource> sources,
    OptionalLong tail,
    Optional<Instant> since,
    Optional<Instant> until,
    boolean follow) {

  /** Copies the set. */
  public LogQuery {
    sources = Set.copyOf(sources);
  }

  /** Everything there is, without following. */
  public static LogQuery everything() {
    return new LogQuery(
        EnumSet.allOf(LogSource.class),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /** The same, following. */
  public LogQuery following() {
    return new LogQuery(sources, tail, since, until, true);
  }

  /** The same, beginning with the last lines. */
  public LogQuery last(long lines) {
    return new LogQuery(sources, OptionalLong.of(lines), since, until, follow);
  }

  /** The same, from the first line on. */
  public LogQuery whole() {
    return new LogQuery(sources, OptionalLong.empty(), since, until, follow);
  }

  boolean wants(LogEntry entry) {
    return sources.contains(entry.source())
        && since.map(limit -> !entry.timestamp().isBefore(limit)).orElse(true)
        && !isPast(entry);
  }

  boolean isPast(LogEntry entry) {
    return until.map(limit -> entry.timestamp().isAfter(limit)).orElse(false);
  }
}
