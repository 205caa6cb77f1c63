package dev.hanse.manager.members;

import dev.hanse.control.Context;
import dev.hanse.control.Decision;
import dev.hanse.control.Times;
import dev.hanse.control.command.Command;
import dev.hanse.control.decision.Commands;
import dev.hanse.raft.LogUnavailableException;
import dev.hanse.raft.ReplicatedLog;
import dev.hanse.raft.log.Member;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** The members of a log in memory, and a state that takes every command at once. */
final class FakeGroup implements ReplicatedLog {
  final Store store = new Store(Snapshot.empty());
  final List<String> history = new ArrayList<>();
  final CompletableFuture<String> successor = new CompletableFuture<>();
  private final Random random = new Random(1);
  private final Map<String, Member> members = new LinkedHashMap<>();
  private String leader = "";
  private int failures;
  private long index = 10;

  synchronized void lead(Member member) {
    members.put(member.nodeId(), member);
    leader = member.nodeId();
  }

  /** The next changes of members fail. */
  synchronized void failNext(int count) {
    failures = count;
  }

  synchronized CompletableFuture<Decision> submit(Command command) {
    Context context = new Context(Times.timestamp(Instant.EPOCH), random);
    Decision decision = Commands.decide(store.snapshot(), command, context);
    if (decision instanceof Decision.Accepted accepted && !accepted.changes().isEmpty()) {
      history.add(command.getClass().getSimpleName());
      store.apply(accepted.changes(), ++index);
    }
    return CompletableFuture.completedFuture(decision);
  }

  private CompletableFuture<Void> change(String what, Runnable change) {
    if (failures > 0) {
      failures--;
      return CompletableFuture.failedFuture(new LogUnavailableException("not now"));
    }
    history.add(what);
    change.run();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletableFuture<Void> addMember(Member member) {
    return change("add", () -> members.put(member.nodeId(), member));
  }

  @Override
  public synchronized CompletableFuture<Void> removeMember(String nodeId) {
    return change("remove", () -> members.remove(nodeId));
  }

  @Override
  public synchronized CompletableFuture<Void> transferLeadership() {
    return change(
        "transfer",
        () ->
            successor.complete(
                members.keySet().stream()
                    .filter(id -> !id.equals(leader))
                    .findFirst()
                    .orElseThrow()));
  }

  @Override
  public synchronized List<Member> members() {
    return List.copyOf(members.values());
  }

  @Override
  public synchronized Optional<String> leader() {
    return Optional.of(leader);
  }

  @Override
  public Line line(long term) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Long> propose(byte[] entry) {
    throw new UnsupportedOperationException("commands go to the store");
  }

  @Override
  public int entryBytesMax() {
    return 1;
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
  public void close() {}
}
