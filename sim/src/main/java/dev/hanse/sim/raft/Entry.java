package dev.hanse.sim.raft;

import dev.hanse.raft.log.Member;
import java.util.List;

/** One entry of the log. */
sealed interface Entry {
  /** The term of the leader that made it. */
  long term();

  /** The first entry of a leader. */
  record Begin(long term) implements Entry {}

  /** What somebody proposed. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Change(long term, byte[] bytes) implements Entry {}

  /** Who votes from here on. */
  record Members(long term, List<Member> voters) implements Entry {}
}
