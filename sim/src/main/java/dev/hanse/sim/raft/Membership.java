package dev.hanse.sim.raft;

import dev.hanse.raft.LogUnavailableException;
import dev.hanse.raft.log.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** How a leader changes who votes: one at a time, and who joins is brought up to date first. */
final class Membership {
  private final RaftDisk disk;
  private final AppliedLog log;
  private final Function<List<Member>, CompletableFuture<Long>> write;
  private Optional<Joiner> joiner = Optional.empty();

  /**
   * Without a change under way.
   *
   * @param write writes to the log who votes from then on; completes when that is committed
   */
  Membership(RaftDisk disk, AppliedLog log, Function<List<Member>, CompletableFuture<Long>> write) {
    this.disk = disk;
    this.log = log;
    this.write = write;
  }

  boolean isAnyJoining() {
    return joiner.isPresent();
  }

  /** Is it certain that this one does not vote? */
  boolean isOver(String nodeId) {
    return disk.voters().stream().noneMatch(voter -> voter.nodeId().equals(nodeId))
        && disk.voters().equals(disk.votersAt(log.committed()))
        && joiner.filter(waiting -> waiting.is(nodeId)).isEmpty();
  }

  /** These, and who is joining. */
  List<String> with(List<String> others) {
    List<String> all = new ArrayList<>(others);
    joiner.ifPresent(waiting -> all.add(waiting.member().nodeId()));
    return all;
  }

  /** Somebody is to vote when it has all that is committed; nobody else may be joining. */
  CompletableFuture<Void> join(Member member, long now) {
    Joiner fresh = new Joiner(member, now);
    joiner = Optional.of(fresh);
    return fresh.done();
  }

  /** A member has the entries up to an index. */
  void has(String nodeId, long index) {
    joiner
        .filter(waiting -> waiting.is(nodeId) && index >= log.committed())
        .ifPresent(
            ready -> {
              joiner = Optional.empty();
              ready.follow(put(ready.member()));
            });
  }

  /** Gives up who does not catch up. */
  void look(long now) {
    if (joiner.filter(waiting -> waiting.isLate(now)).isPresent()) {
      end("the new member does not catch up");
    }
  }

  /** Nobody joins any more. */
  void end(String reason) {
    joiner.ifPresent(ended -> ended.fail(reason));
    joiner = Optional.empty();
  }

  /** Adds a voter, or puts it in the place of the one with its id. */
  CompletableFuture<Void> put(Member member) {
    return change(
        voters -> {
          voters.removeIf(known -> known.nodeId().equals(member.nodeId()));
          voters.add(member);
        });
  }

  CompletableFuture<Void> remove(String nodeId) {
    return change(voters -> voters.removeIf(known -> known.nodeId().equals(nodeId)));
  }

  private CompletableFuture<Void> change(Consumer<List<Member>> change) {
    List<Member> voters = new ArrayList<>(disk.voters());
    change.accept(voters);
    if (voters.equals(disk.voters())) {
      return CompletableFuture.completedFuture(null);
    }
    if (!disk.voters().equals(disk.votersAt(log.committed()))) {
      return busy();
    }
    return write.apply(List.copyOf(voters)).thenApply(index -> null);
  }

  static CompletableFuture<Void> busy() {
    return CompletableFuture.failedFuture(
        new LogUnavailableException("another change of members is under way"));
  }
}
