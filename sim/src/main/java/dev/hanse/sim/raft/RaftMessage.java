package dev.hanse.sim.raft;

import dev.hanse.raft.log.Member;
import java.util.List;

/** What members send each other; any may be lost, doubled, late. */
sealed interface RaftMessage {
  /** The sender's term. */
  long term();

  /** Asks for a vote; {@code ordered} when the leader itself has told the sender to stand. */
  record AskVote(long term, long lastIndex, long lastTerm, boolean ordered)
      implements RaftMessage {}

  /** Gives a vote. */
  record Vote(long term) implements RaftMessage {}

  /** The group goes on without who has asked for a vote; as Ratis, which then closes itself. */
  record Excluded(long term) implements RaftMessage {}

  /** The leader's entries after one that both should have. */
  record Append(long term, long afterIndex, long afterTerm, List<Entry> entries, long committed)
      implements RaftMessage {}

  /** Everything up to {@code index} is on the sender's disk and as the leader has it. */
  record Appended(long term, long index) implements RaftMessage {}

  /** The sender lacks what comes before; it has at most so much. */
  record Behind(long term, long lastIndex) implements RaftMessage {}

  /** The state, for a member that is too far behind. */
  record Install(long term, Image image) implements RaftMessage {}

  /** Stand for election now. */
  record Stand(long term) implements RaftMessage {}

  /**
   * The state as one piece.
   *
   * @param index of the last entry in it
   * @param lastTerm that entry's term
   * @param voters as of that entry
   * @param bytes what the applied state has written
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Image(long index, long lastTerm, List<Member> voters, byte[] bytes) {}
}
