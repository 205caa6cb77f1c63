package dev.hanse.raft;

import java.nio.file.Path;

/**
 * Where and how a log is kept.
 *
 * @param directory of this log alone; created if missing
 * @param memberId this manager's node id
 * @param snapshotEntries after how many entries the state is saved and older entries are dropped
 */
public record LogSettings(Path directory, String memberId, long snapshotEntries) {
  private static final long SNAPSHOT_ENTRIES_DEFAULT = 10_000;

  /** Settings with a snapshot every 10,000 entries. */
  public static LogSettings of(Path directory, String memberId) {
    return new LogSettings(directory, memberId, SNAPSHOT_ENTRIES_DEFAULT);
  }
}
