package dev.hanse.raft;

import java.nio.file.Path;

/**
 * Where and how a log is kept.
 *
 * @param directory of this log alone; created if missing
 * @param self this manager, with the address at which the others reach it now
 * @param start what to do if the directory holds no log yet
 * @param snapshotEntries after how many entries the state is saved and older entries are dropped
 */
public record LogSettings(Path directory, Member self, Start start, long snapshotEntries) {
  private static final long SNAPSHOT_ENTRIES_DEFAULT = 10_000;

  /** What a directory without a log means. A log that is there is resumed in either case. */
  public enum Start {
    /** Begin a new log with this member alone. */
    RESUME_OR_FOUND,
    /** Wait for the leader of an existing group to add this member. */
    JOIN
  }

  /** Settings with a snapshot every 10,000 entries. */
  public static LogSettings of(Path directory, Member self, Start start) {
    return new LogSettings(directory, self, start, SNAPSHOT_ENTRIES_DEFAULT);
  }

  /** The same with another number of entries between snapshots. */
  public LogSettings withSnapshotEntries(long entries) {
    return new LogSettings(directory, self, start, entries);
  }
}
