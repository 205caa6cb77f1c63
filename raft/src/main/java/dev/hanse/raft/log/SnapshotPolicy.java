package dev.hanse.raft.log;

/**
 * When the state is saved, and what is kept.
 *
 * @param entries after how many entries the state is saved and older entries are dropped
 * @param olderKept how many older saved states are kept beside the newest
 */
public record SnapshotPolicy(long entries, int olderKept) {
  /** Every 10,000 entries, and one older state. */
  public static final SnapshotPolicy DEFAULT = new SnapshotPolicy(10_000, 1);

  private static final int OLDER_MAX = 1_000;

  /** Brings senseless numbers into range: at least one entry, 0 to 1,000 older states. */
  public SnapshotPolicy {
    entries = Math.max(1, entries);
    olderKept = Math.clamp(olderKept, 0, OLDER_MAX);
  }
}
