package dev.hanse.raft.log;

import dev.hanse.health.Health;
import java.nio.file.Path;

/**
 * Where and how a log is kept.
 *
 * @param directory of this log alone; created if missing
 * @param self this manager, with the address at which the others reach it now
 * @param start what to do if the directory holds no log yet
 * @param keys with which entries and snapshots are sealed at rest
 * @param snapshots when the state is saved; can be changed while the log runs
 * @param health what the log's threads report to
 */
public record LogSettings(
    Path directory,
    Member self,
    Start start,
    LogKeys keys,
    SnapshotPolicy snapshots,
    Health health) {
  /** What a directory without a log means. A log that is there is resumed in either case. */
  public enum Start {
    /** Begin a new log with this member alone. */
    RESUME_OR_FOUND,
    /** Wait for the leader of an existing group to add this member. */
    JOIN
  }

  /** Settings with the usual snapshots. */
  public static LogSettings of(
      Path directory, Member self, Start start, LogKeys keys, Health health) {
    return new LogSettings(directory, self, start, keys, SnapshotPolicy.DEFAULT, health);
  }

  /** The same with other snapshots. */
  public LogSettings withSnapshots(SnapshotPolicy other) {
    return new LogSettings(directory, self, start, keys, other, health);
  }
}
