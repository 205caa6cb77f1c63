package dev.hanse.raft;

import dev.hanse.raft.log.Member;
import dev.hanse.raft.peer.Calls;
import dev.hanse.raft.peer.Peers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes of the group, by its leader. */
final class MembershipChanges {
  private static final Logger log = LoggerFactory.getLogger(MembershipChanges.class);
  private static final int TRANSFER_MS = 1_500;
  private static final int STEP_DOWN_MS = 5_000;

  /** How long a change waits for another one to end. */
  private static final int WAIT_SECONDS = 10;

  private static final int RETRY_MS = 50;

  private final RaftServer server;
  private final RaftServer.Division division;
  private final Calls calls;
  private final Peers peers;

  // Held while a change is under way, by virtual threads only.
  private final ReentrantLock changes = new ReentrantLock();
  private final AtomicBoolean correcting = new AtomicBoolean();
  private final AtomicBoolean steppingDown = new AtomicBoolean();

  MembershipChanges(RaftServer server, RaftServer.Division division, Calls calls, Peers peers) {
    this.server = server;
    this.division = division;
    this.calls = calls;
    this.peers = peers;
  }

  private List<RaftPeer> current() {
    return List.copyOf(division.getRaftConf().getCurrentPeers());
  }

  List<Member> members() {
    return current().stream()
        .map(
            peer ->
                new Member(
                    peer.getId().toString(), Optional.ofNullable(peer.getAddress()).orElse("")))
        .toList();
  }

  /** Is this member the only one, and no change under way? */
  boolean alone() {
    return division.getRaftConf().getAllPeers().stream()
        .allMatch(peer -> peer.getId().equals(calls.self()));
  }

  CompletableFuture<Void> add(Member member) {
    return changed(
        before -> {
          Optional<RaftPeer> known = find(before, member.nodeId());
          if (known.isPresent()) {
            return member.address().equals(known.get().getAddress())
                ? before
                : withAddress(before, member);
          }
          List<RaftPeer> after = new ArrayList<>(before);
          int priority = before.isEmpty() ? 0 : before.getFirst().getPriority();
          after.add(peer(member.nodeId(), member.address(), priority));
          return after;
        });
  }

  CompletableFuture<Void> remove(String nodeId) {
    if (nodeId.equals(calls.self().toString())) {
      return CompletableFuture.failedFuture(
          new LogUnavailableException(
              "a manager that leads cannot remove itself; another one has to lead first"));
    }
    return changed(
        before ->
            find(before, nodeId).isEmpty()
                ? before
                : before.stream().filter(peer -> !peer.getId().toString().equals(nodeId)).toList());
  }

  /**
   * Ratis takes a configuration with the same members for no change, whatever their addresses are,
   * but for one in which a priority differs. So all priorities rise by one: as they stay equal,
   * they mean nothing.
   */
  private static List<RaftPeer> withAddress(List<RaftPeer> before, Member member) {
    List<RaftPeer> after = new ArrayList<>();
    for (RaftPeer peer : before) {
      String nodeId = peer.getId().toString();
      String address = nodeId.equals(member.nodeId()) ? member.address() : peer.getAddress();
      after.add(peer(nodeId, address, peer.getPriority() + 1));
    }
    log.info("recording the new address of manager {}: {}", member.nodeId(), member.address());
    return after;
  }

  /** Writes down where members have said to be; one at a time, the next call does the next. */
  void correctAddresses() {
    for (RaftPeer peer : current()) {
      String nodeId = peer.getId().toString();
      Optional<String> told = peers.told(nodeId);
      if (told.isPresent() && !told.get().equals(peer.getAddress())) {
        if (correcting.compareAndSet(false, true)) {
          var unused =
              add(new Member(nodeId, told.get()))
                  .whenComplete(
                      (done, error) -> {
                        correcting.set(false);
                        if (error != null) {
                          log.info(
                              "the new address of manager {} could not be recorded, trying again:"
                                  + " {}",
                              nodeId,
                              error.getMessage());
                        }
                      });
        }
        return;
      }
    }
  }

  private static Optional<RaftPeer> find(List<RaftPeer> peers, String nodeId) {
    return peers.stream().filter(peer -> peer.getId().toString().equals(nodeId)).findFirst();
  }

  static RaftPeer peer(String nodeId, String address, int priority) {
    return RaftPeer.newBuilder().setId(nodeId).setAddress(address).setPriority(priority).build();
  }

  /**
   * Makes one change after the other; Ratis refuses a second while one is under way, or as long as
   * a new leader has not committed anything.
   */
  private CompletableFuture<Void> changed(UnaryOperator<List<RaftPeer>> plan) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("hanse-log-members")
        .start(
            () -> {
              changes.lock();
              try {
                change(plan);
                result.complete(null);
              } catch (LogUnavailableException | InterruptedException | RuntimeException e) {
                result.completeExceptionally(e);
              } finally {
                changes.unlock();
              }
            });
    return result;
  }

  private void change(UnaryOperator<List<RaftPeer>> plan)
      throws LogUnavailableException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (true) {
      List<RaftPeer> before = current();
      List<RaftPeer> after = plan.apply(before);
      if (after == before) {
        return;
      }
      try {
        done(() -> server.setConfigurationAsync(configuration(before, after))).get();
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof LogUnavailableException refused)) {
          throw new LogUnavailableException("the group of managers could not be changed", e);
        }
        if (!underWay(refused) || System.nanoTime() > end) {
          throw refused;
        }
      }
      TimeUnit.MILLISECONDS.sleep(RETRY_MS);
    }
  }

  private SetConfigurationRequest configuration(List<RaftPeer> before, List<RaftPeer> after) {
    SetConfigurationRequest.Arguments arguments =
        SetConfigurationRequest.Arguments.newBuilder()
            .setServersInCurrentConf(before)
            .setListenersInCurrentConf(List.of())
            .setServersInNewConf(after)
            .setListenersInNewConf(List.of())
            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
            .build();
    return new SetConfigurationRequest(
        calls.client(), calls.self(), Calls.GROUP, calls.nextId(), arguments);
  }

  private static boolean underWay(Throwable error) {
    return error.getCause() instanceof ReconfigurationInProgressException
        || error.getCause() instanceof SetConfigurationException
        || error.getCause() instanceof LeaderNotReadyException;
  }

  private interface Request {
    CompletableFuture<RaftClientReply> send() throws IOException;
  }

  private static CompletableFuture<Void> done(Request request) {
    try {
      return request
          .send()
          .handle(
              (reply, error) -> {
                if (reply == null || !reply.isSuccess()) {
                  throw new CompletionException(
                      unavailable(reply == null ? error : reply.getException()));
                }
                return null;
              });
    } catch (IOException e) {
      return CompletableFuture.failedFuture(unavailable(e));
    }
  }

  private static LogUnavailableException unavailable(@Nullable Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof ReconfigurationInProgressException) {
        return new LogUnavailableException("another change of managers is under way", cause);
      }
      if (cause instanceof ReconfigurationTimeoutException) {
        return new LogUnavailableException("the new manager does not answer", cause);
      }
    }
    return Proposals.unavailable(error);
  }

  /** Asks one member after the other, the one heard of last first; blocks. */
  void transfer() throws LogUnavailableException, InterruptedException {
    long longAgo = peers.clock().now() - 3_600_000_000_000L;
    List<RaftPeerId> others =
        current().stream()
            .map(RaftPeer::getId)
            .filter(id -> !id.equals(calls.self()))
            .sorted(Comparator.comparing(id -> peers.silence(id.toString(), longAgo)))
            .toList();
    if (others.isEmpty()) {
      throw new LogUnavailableException("there is no other manager to lead the swarm");
    }
    LogUnavailableException last = new LogUnavailableException("no manager could be asked to lead");
    for (RaftPeerId other : others) {
      try {
        done(() -> server.transferLeadershipAsync(transferTo(other, TRANSFER_MS))).get();
        return;
      } catch (ExecutionException e) {
        if (!division.getInfo().isLeader()) {
          return; // Somebody else was elected, which is as good.
        }
        log.info("manager {} did not take over the leadership", other, e);
        last =
            new LogUnavailableException(
                "manager " + other + " did not take over the leadership", e);
      }
    }
    throw last;
  }

  /** Ceases to lead, without a successor. */
  void stepDown() {
    if (steppingDown.compareAndSet(false, true)) {
      var unused =
          done(() -> server.transferLeadershipAsync(transferTo(null, STEP_DOWN_MS)))
              .whenComplete(
                  (done, error) -> {
                    steppingDown.set(false);
                    if (error != null) {
                      log.info("could not stop leading yet: {}", error.getMessage());
                    }
                  });
    }
  }

  private TransferLeadershipRequest transferTo(@Nullable RaftPeerId target, int timeoutMs) {
    return new TransferLeadershipRequest(
        calls.client(), calls.self(), Calls.GROUP, calls.nextId(), target, timeoutMs);
  }
}
