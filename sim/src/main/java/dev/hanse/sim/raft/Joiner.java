package dev.hanse.sim.raft;

import dev.hanse.raft.LogUnavailableException;
import dev.hanse.raft.log.Member;
import dev.hanse.sim.time.Timeline;
import java.util.concurrent.CompletableFuture;

/** A leader's view of a member that is brought up to date before it votes (the thesis, 4.2.1). */
final class Joiner {
  private static final long PATIENCE = 10 * Timeline.SECOND;

  private final Member member;
  private final long deadline;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  Joiner(Member member, long now) {
    this.member = member;
    this.deadline = now + PATIENCE;
  }

  Member member() {
    return member;
  }

  boolean is(String nodeId) {
    return member.nodeId().equals(nodeId);
  }

  boolean isLate(long now) {
    return now >= deadline;
  }

  CompletableFuture<Void> done() {
    return done;
  }

  void fail(String reason) {
    done.completeExceptionally(new LogUnavailableException(reason));
  }

  /** Completes as the change of the voters does. */
  void follow(CompletableFuture<Void> change) {
    var unused =
        change.whenComplete(
            (nothing, fault) -> {
              if (fault == null) {
                done.complete(null);
              } else {
                done.completeExceptionally(fault);
              }
            });
  }
}
