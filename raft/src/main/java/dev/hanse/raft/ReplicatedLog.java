package dev.hanse.raft;

import java.util.concurrent.CompletableFuture;

/** An ordered log of opaque entries that survives what an entry's acknowledgement has promised. */
public interface ReplicatedLog extends AutoCloseable {
  /**
   * Appends an entry. The future completes with the entry's index once a majority has it on disk
   * and {@link AppliedState#apply} has returned here. It fails with {@link LogUnavailableException}
   * if the entry could not be made durable (disk full, not the leader, closed); such an entry was
   * not acknowledged and is normally not applied; but it may be on disk, and come back, as with any
   * log.
   *
   * <p>Entries proposed by one thread are appended in that order. Does not block.
   *
   * @throws IllegalArgumentException if the entry is larger than {@link #entryBytesMax}
   */
  CompletableFuture<Long> propose(byte[] entry);

  /** The largest entry that can be proposed. */
  int entryBytesMax();

  /** The index of the last entry applied here. */
  long appliedIndex();

  /** May this member propose now? */
  boolean isLeader();

  /** Stops; open proposals fail. */
  @Override
  void close();
}
