package dev.hanse.manager.forward;

import com.google.protobuf.Any;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.CommandMessages;
import dev.hanse.control.command.CommandMessages.MalformedCommandException;
import dev.hanse.identity.StatusText;
import dev.hanse.manager.Rejections;
import dev.hanse.manager.StoreWatch;
import dev.hanse.model.CommandsGrpc;
import dev.hanse.model.SubmitRequest;
import dev.hanse.model.SubmitResponse;
import dev.hanse.model.UpdateClusterRequest;
import dev.hanse.store.Changes;
import dev.hanse.store.Store;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has commands decided by the leader. Each is sent once and never again: if the leader is lost
 * meanwhile, nobody here can know whether it was written, and a second time might be once too many.
 * A decision is answered when this manager's own state holds what was written.
 */
public final class RemoteCommands {
  private static final Logger logger = LoggerFactory.getLogger(RemoteCommands.class);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

  /** How far this manager may be behind the leader before its reader is told earlier. */
  private static final Duration LAG_LIMIT = Duration.ofSeconds(10);

  private final LeaderRoute route;
  private final Store store;

  /** Commands go by the route; the store is the one that follows the leader's. */
  public RemoteCommands(LeaderRoute route, Store store) {
    this.route = route;
    this.store = store;
  }

  /** Like {@link dev.hanse.manager.Manager#submit}; the changes of the decision stay there. */
  public CompletableFuture<Decision> send(Command command) {
    return CommandMessages.message(command)
        .map(this::send)
        .orElseGet(
            () ->
                refused(
                    new Rejection.Unimplemented(
                        command.getClass().getSimpleName() + " is for the leader itself")));
  }

  /** Replaces the cluster's specification, and secrets if asked for. */
  public CompletableFuture<Decision> updateCluster(UpdateClusterRequest request) {
    return send(Any.pack(request));
  }

  private CompletableFuture<Decision> send(Any command) {
    Line line;
    try {
      line = route.line();
    } catch (StatusRuntimeException e) {
      return refused(new Rejection.Unavailable(String.valueOf(e.getStatus().getDescription())));
    }
    Answer answer = new Answer(line);
    // Outlives whatever call this thread may be serving.
    Context former = Context.ROOT.attach();
    try {
      ClientCall<SubmitRequest, SubmitResponse> call =
          line.channel()
              .newCall(
                  CommandsGrpc.getSubmitMethod(),
                  CallOptions.DEFAULT.withDeadlineAfter(
                      ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS));
      call.start(answer, new Metadata());
      line.onEnd(status -> call.cancel(status.getDescription(), null));
      call.request(2);
      call.sendMessage(SubmitRequest.newBuilder().setCommand(command).build());
      call.halfClose();
    } finally {
      Context.ROOT.detach(former);
    }
    return answer.decided.thenCompose(this::visible);
  }

  private static CompletableFuture<Decision> refused(Rejection rejection) {
    return CompletableFuture.completedFuture(new Decision.Refused(rejection));
  }

  /** A decision, and up to where this manager's state has to follow. */
  private record Decided(Decision decision, long index) {}

  private CompletableFuture<Decision> visible(Decided decided) {
    return StoreWatch.until(store, state -> state.index() >= decided.index(), LAG_LIMIT)
        .handle(
            (state, late) -> {
              if (late != null) {
                logger.warn("written by the leader, but not here in {}", LAG_LIMIT);
              }
              return decided.decision();
            });
  }

  private static final class Answer extends ClientCall.Listener<SubmitResponse> {
    private final Line line;
    private final CompletableFuture<Decided> decided = new CompletableFuture<>();
    private SubmitResponse response = SubmitResponse.getDefaultInstance();

    Answer(Line line) {
      this.line = line;
    }

    @Override
    public void onMessage(SubmitResponse message) {
      response = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      line.close();
      Optional<Long> index = Results.index(trailers);
      if (index.isEmpty()) {
        decided.complete(
            new Decided(new Decision.Refused(new Rejection.Unavailable(lost(status))), 0));
      } else if (status.isOk()) {
        decided.complete(new Decided(accepted(), index.get()));
      } else {
        decided.complete(new Decided(new Decision.Refused(Rejections.of(status)), 0));
      }
    }

    private Decision accepted() {
      try {
        return new Decision.Accepted(Changes.none(), CommandMessages.result(response.getResult()));
      } catch (MalformedCommandException e) {
        return new Decision.Refused(
            new Rejection.Unavailable(
                "this is written, but the leader's answer cannot be read: " + e.getMessage()));
      }
    }

    /** What no decision was made of, or none has come back. */
    private static String lost(Status status) {
      return switch (status.getCode()) {
        case PERMISSION_DENIED,
            UNAUTHENTICATED,
            UNIMPLEMENTED,
            INVALID_ARGUMENT,
            RESOURCE_EXHAUSTED ->
            "the leader does not take this: " + StatusText.of(status);
        default ->
            LeaderRoute.isWithoutLeader(status)
                ? String.valueOf(status.getDescription())
                : "the leader has not answered, so this may have been written or not: "
                    + StatusText.of(status);
      };
    }
  }
}
