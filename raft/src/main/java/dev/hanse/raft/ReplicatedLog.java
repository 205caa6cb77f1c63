package dev.hanse.raft;

import dev.hanse.raft.log.Member;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** An ordered log of opaque entries that survives what an entry's acknowledgement has promised. */
public interface ReplicatedLog extends AutoCloseable {
  /**
   * Appends an entry; only the leader can. The future completes with the entry's index once a
   * majority has it on disk and {@link AppliedState#apply} has returned here. It fails with {@link
   * LogUnavailableException} if the entry could not be made durable (disk full, not the leader, no
   * majority, closed); such an entry was not acknowledged and is normally not applied; but it may
   * be on some disk, and come back, as with any log.
   *
   * <p>Entries proposed by one thread are appended in that order. Does not block.
   *
   * @throws IllegalArgumentException if the entry is larger than {@link #entryBytesMax}
   */
  CompletableFuture<Long> propose(byte[] entry);

  /**
   * Begins a line of entries that build on each other.
   *
   * @param term in which this member leads, as {@link AppliedState#leadership} has told it
   */
  Line line(long term);

  /**
   * Entries of one proposer. If one fails, then none behind it is in the log: what was decided in
   * the belief that the earlier ones are there is refused. Who has seen all entries of a line
   * succeed or fail may begin another one in the same term, on what is applied then. For one
   * thread.
   */
  interface Line {
    /**
     * As {@link ReplicatedLog#propose}, but only in the line's term: also fails if leadership was
     * lost meanwhile and gained again.
     */
    CompletableFuture<Long> propose(byte[] entry);
  }

  /** The largest entry that can be proposed. */
  int entryBytesMax();

  /** The index of the last entry applied here. */
  long appliedIndex();

  /** May this member propose now? */
  boolean isLeader();

  /** The node id of the leader, as far as this member knows; empty during an election. */
  Optional<String> leader();

  /**
   * The members as this one knows them, itself included; empty in a log that waits to be joined.
   */
  List<Member> members();

  /**
   * Adds a member; only the leader can. The future completes when the new member votes; before, it
   * is brought up to date without a vote. A known node id with another address changes the address.
   * Fails with {@link LogUnavailableException} if the member does not answer or another change of
   * members is under way; the members then are as before.
   */
  CompletableFuture<Void> addMember(Member member);

  /**
   * Removes a member; only the leader can. Done at once if there is no such member. Whether the
   * remaining members are a living majority is for the caller to know.
   */
  CompletableFuture<Void> removeMember(String nodeId);

  /**
   * Hands leadership to another member that is up to date; the future completes when this member
   * does not lead any more, at once if it does not lead now.
   */
  CompletableFuture<Void> transferLeadership();

  /** Stops; open proposals fail. */
  @Override
  void close();
}
