package dev.hanse.manager.loop;

import com.google.protobuf.ByteString;
import dev.hanse.raft.AppliedState;
import dev.hanse.raft.LogUnavailableException;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.Member;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A log in memory that commits when the test says so; a second implementation of the port. */
final class ScriptedLog implements ReplicatedLog {
  private static final Member SELF = new Member("scripted", "192.0.2.1:2377");

  private record Proposal(ByteString entry, CompletableFuture<Long> result) {}

  private final AppliedState state;
  private final ArrayDeque<Proposal> waiting = new ArrayDeque<>();
  private long index;
  private boolean automatic = true;
  private boolean refusing;

  ScriptedLog(AppliedState state) {
    this.state = state;
    state.leadership(OptionalLong.of(1));
  }

  @Override
  public Line line(long term) {
    return new Line() {
      private volatile boolean broken;

      @Override
      public CompletableFuture<Long> propose(byte[] entry) {
        if (broken) {
          return CompletableFuture.failedFuture(new LogUnavailableException("broken"));
        }
        CompletableFuture<Long> result = ScriptedLog.this.propose(entry);
        var unused = result.whenComplete((index, error) -> broken |= error != null);
        return result;
      }
    };
  }

  /** The next entry is refused at once, whatever waits. */
  synchronized void refuseNext() {
    refusing = true;
  }

  @Override
  public synchronized CompletableFuture<Long> propose(byte[] entry) {
    if (refusing) {
      refusing = false;
      return CompletableFuture.failedFuture(new LogUnavailableException("refused"));
    }
    CompletableFuture<Long> result = new CompletableFuture<>();
    waiting.add(new Proposal(ByteString.copyFrom(entry), result));
    notifyAll();
    if (automatic) {
      commitAll();
    }
    return result;
  }

  /** From now on entries wait. */
  synchronized void hold() {
    automatic = false;
  }

  /** Waits until so many entries are held. */
  synchronized void awaitHeld(int count) throws InterruptedException {
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (waiting.size() < count) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(waiting.size() + " entries held, expected " + count);
      }
      java.util.concurrent.TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Commits what waits and what comes. */
  synchronized void release() {
    automatic = true;
    commitAll();
  }

  /** Fails what waits, as a full disk does, and goes on. */
  synchronized void failAll(String reason) {
    while (!waiting.isEmpty()) {
      waiting.remove().result().completeExceptionally(new LogUnavailableException(reason));
    }
    automatic = true;
  }

  private void commitAll() {
    while (!waiting.isEmpty()) {
      Proposal proposal = waiting.remove();
      index += 3; // Logs use indexes of their own, too.
      state.apply(index, proposal.entry().toByteArray());
      proposal.result().complete(index);
    }
  }

  @Override
  public int entryBytesMax() {
    return 64 * 1024;
  }

  @Override
  public synchronized long appliedIndex() {
    return index;
  }

  @Override
  public boolean isLeader() {
    return true;
  }

  @Override
  public Optional<String> leader() {
    return Optional.of(SELF.nodeId());
  }

  @Override
  public List<Member> members() {
    return List.of(SELF);
  }

  @Override
  public CompletableFuture<Void> addMember(Member member) {
    return alone();
  }

  @Override
  public CompletableFuture<Void> removeMember(String nodeId) {
    return alone();
  }

  @Override
  public CompletableFuture<Void> transferLeadership() {
    return alone();
  }

  private static CompletableFuture<Void> alone() {
    return CompletableFuture.failedFuture(
        new LogUnavailableException("this log has one member only"));
  }

  @Override
  public void close() {}
}
