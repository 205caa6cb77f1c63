package dev.hanse.manager.forward;

import com.google.protobuf.Any;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.CommandMessages;
import dev.hanse.control.command.CommandMessages.MalformedCommandException;
import dev.hanse.manager.Rejections;
import dev.hanse.model.CommandsGrpc;
import dev.hanse.model.SubmitRequest;
import dev.hanse.model.SubmitResponse;
import dev.hanse.model.UpdateClusterRequest;
import dev.hanse.store.Store;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The leader's side of commands from other managers. A decision is answered whole, with the index
 * of the state that holds it.
 */
public final class SubmitService {
  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final Function<UpdateClusterRequest, CompletableFuture<Decision>> updateCluster;

  /**
   * Creates the service.
   *
   * @param submit the control loop
   * @param updateCluster replaces the cluster's specification and draws new secrets
   */
  public SubmitService(
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      Function<UpdateClusterRequest, CompletableFuture<Decision>> updateCluster) {
    this.store = store;
    this.submit = submit;
    this.updateCluster = updateCluster;
  }

  /** To be served on the cluster port; by hand, since good answers have trailers, too. */
  public ServerServiceDefinition service() {
    return ServerServiceDefinition.builder(CommandsGrpc.SERVICE_NAME)
        .addMethod(CommandsGrpc.getSubmitMethod(), new Deciding())
        .build();
  }

  private CompletableFuture<Decision> decide(SubmitRequest request)
      throws MalformedCommandException {
    Any command = request.getCommand();
    return command.is(UpdateClusterRequest.class)
        ? updateCluster.apply(CommandMessages.unpack(command, UpdateClusterRequest.class))
        : submit.apply(CommandMessages.command(command));
  }

  private final class Deciding implements ServerCallHandler<SubmitRequest, SubmitResponse> {
    @Override
    public ServerCall.Listener<SubmitRequest> startCall(
        ServerCall<SubmitRequest, SubmitResponse> call, Metadata headers) {
      call.request(2); // The second would be one too many, and is noticed.
      return new ServerCall.Listener<>() {
        private Optional<SubmitRequest> request = Optional.empty();
        private boolean refused;

        @Override
        public void onMessage(SubmitRequest message) {
          if (request.isPresent()) {
            refuse("more than one request");
          }
          request = Optional.of(message);
        }

        @Override
        public void onHalfClose() {
          if (request.isEmpty()) {
            refuse("no request");
          }
          if (refused) {
            return;
          }
          try {
            var unused =
                decide(request.orElseThrow()).thenAccept(decision -> answer(call, decision));
          } catch (MalformedCommandException e) {
            refuse(String.valueOf(e.getMessage()));
          }
        }

        private void refuse(String reason) {
          if (!refused) {
            refused = true;
            call.close(Status.INVALID_ARGUMENT.withDescription(reason), new Metadata());
          }
        }
      };
    }

    /** The state holds the change by now; what it holds besides does no harm. */
    private void answer(ServerCall<SubmitRequest, SubmitResponse> call, Decision decision) {
      if (call.isCancelled()) {
        return;
      }
      switch (decision) {
        case Decision.Accepted accepted -> {
          call.sendHeaders(new Metadata());
          call.sendMessage(
              SubmitResponse.newBuilder()
                  .setResult(CommandMessages.result(accepted.result()))
                  .build());
          call.close(Status.OK, Results.trailers(store.snapshot().index()));
        }
        case Decision.Refused(var rejection) ->
            call.close(Rejections.status(rejection), Results.trailers(0));
      }
    }
  }
}
