package dev.hanse.raft;

import dev.hanse.raft.peer.Calls;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/** Entries on their way into one opened log. */
final class Proposals {
  private final RaftServer server;
  private final Calls calls;

  /** Those that wait for their commit, by call id. */
  private final Map<Long, CompletableFuture<Long>> open = new ConcurrentHashMap<>();

  private volatile Optional<String> closed = Optional.empty();

  Proposals(RaftServer server, Calls calls) {
    this.server = server;
    this.calls = calls;
  }

  CompletableFuture<Long> submit(byte[] sealed, Optional<EntryLine> line) {
    long callId = calls.nextId();
    CompletableFuture<Long> result = new CompletableFuture<>();
    open.put(callId, result);
    var unused1 = result.whenComplete((index, error) -> open.remove(callId));
    RaftClientRequest request =
        calls
            .request(callId)
            .setMessage(new Proposal(UnsafeByteOperations.unsafeWrap(sealed), line))
            .setType(RaftClientRequest.writeRequestType())
            .build();
    try {
      var unused2 =
          server
              .submitClientRequestAsync(request)
              .whenComplete((reply, error) -> complete(result, reply, error));
    } catch (IOException e) {
      complete(result, null, e);
    }
    closed.ifPresent(this::failAll); // It was closed while we submitted, and did not see ours.
    return result;
  }

  private void complete(
      CompletableFuture<Long> result, @Nullable RaftClientReply reply, @Nullable Throwable error) {
    if (reply != null && reply.isSuccess()) {
      result.complete(reply.getLogIndex());
      return;
    }
    Throwable cause = error != null || reply == null ? error : reply.getException();
    result.completeExceptionally(
        closed.<Exception>map(LogUnavailableException::new).orElseGet(() -> unavailable(cause)));
  }

  /** What a fault of Ratis means to the caller. */
  static LogUnavailableException unavailable(@Nullable Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (cause == null) {
      return new LogUnavailableException("the log refused the entry");
    }
    String reason =
        switch (cause) {
          case NotLeaderException e when e.getSuggestedLeader() == null ->
              "this manager does not lead the swarm, and it knows of no leader: perhaps too few"
                  + " managers are online";
          case NotLeaderException e -> "this manager does not lead the swarm";
          case LeaderNotReadyException e -> "this manager has only just been elected";
          case StateMachineException e
              when e.getCause() instanceof LogUnavailableException refused ->
              String.valueOf(refused.getMessage());
          case LeaderSteppingDownException e -> "this manager is handing over leadership";
          default -> "the log refused the entry: " + cause.getMessage();
        };
    return new LogUnavailableException(reason, cause);
  }

  /** Fails what is open, but not what comes. */
  void failAll(String reason) {
    for (CompletableFuture<Long> proposal : List.copyOf(open.values())) {
      proposal.completeExceptionally(new LogUnavailableException(reason));
    }
  }

  /** Fails what is open and what comes. */
  void close(String reason) {
    closed = Optional.of(reason);
    failAll(reason);
  }
}
