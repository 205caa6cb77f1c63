package dev.hanse.manager.forward;

import com.google.protobuf.Message;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.manager.Rejections;
import dev.hanse.manager.forward.CommandCalls.CommandCall;
import dev.hanse.model.CommandsGrpc;
import dev.hanse.model.ControlGrpc;
import dev.hanse.model.UpdateClusterRequest;
import dev.hanse.store.Store;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The leader's side of commands from other managers: Control of docker.swarmkit.v1, its writing
 * part, and Commands of hanse.v1. A decision is answered whole, with the index of the state that
 * holds it.
 */
public final class ControlServices {
  private final Store store;
  private final Function<Command, CompletableFuture<Decision>> submit;
  private final Function<UpdateClusterRequest, CompletableFuture<Decision>> updateCluster;

  /**
   * Creates the services.
   *
   * @param submit the control loop
   * @param updateCluster replaces the cluster's specification and draws new secrets
   */
  public ControlServices(
      Store store,
      Function<Command, CompletableFuture<Decision>> submit,
      Function<UpdateClusterRequest, CompletableFuture<Decision>> updateCluster) {
    this.store = store;
    this.submit = submit;
    this.updateCluster = updateCluster;
  }

  /** Full names of all methods. */
  public static List<String> methodNames() {
    return Stream.concat(
            CommandCalls.all().stream().map(CommandCall::method),
            Stream.of(ControlGrpc.getUpdateClusterMethod()))
        .<String>map(MethodDescriptor::getFullMethodName)
        .toList();
  }

  /** To be served on the cluster port. */
  public List<ServerServiceDefinition> services() {
    ServerServiceDefinition.Builder control =
        ServerServiceDefinition.builder(ControlGrpc.SERVICE_NAME);
    ServerServiceDefinition.Builder commands =
        ServerServiceDefinition.builder(CommandsGrpc.SERVICE_NAME);
    for (CommandCall<?, ?, ?> call : CommandCalls.all()) {
      boolean own = CommandsGrpc.SERVICE_NAME.equals(call.method().getServiceName());
      (own ? commands : control).addMethod(served(call));
    }
    control.addMethod(served(ControlGrpc.getUpdateClusterMethod(), updateCluster));
    return List.of(control.build(), commands.build());
  }

  private <C extends Command, Q extends Message, A extends Message>
      ServerMethodDefinition<Q, A> served(CommandCall<C, Q, A> call) {
    return served(call.method(), request -> submit.apply(call.command().apply(request)));
  }

  private <Q extends Message, A extends Message> ServerMethodDefinition<Q, A> served(
      MethodDescriptor<Q, A> method, Function<Q, CompletableFuture<Decision>> decide) {
    return ServerMethodDefinition.create(method, new Deciding<>(method, decide));
  }

  /** Serves one method; by hand, since the index travels in the trailers of good answers, too. */
  private final class Deciding<Q extends Message, A extends Message>
      implements ServerCallHandler<Q, A> {
    private final MethodDescriptor<Q, A> method;
    private final Function<Q, CompletableFuture<Decision>> decide;

    Deciding(MethodDescriptor<Q, A> method, Function<Q, CompletableFuture<Decision>> decide) {
      this.method = method;
      this.decide = decide;
    }

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, A> call, Metadata headers) {
      call.request(2); // The second would be one too many, and is noticed.
      return new ServerCall.Listener<>() {
        private Optional<Q> request = Optional.empty();
        private boolean refused;

        @Override
        public void onMessage(Q message) {
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
          if (!refused) {
            var unused =
                decide.apply(request.orElseThrow()).thenAccept(decision -> answer(call, decision));
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
    private void answer(ServerCall<Q, A> call, Decision decision) {
      if (call.isCancelled()) {
        return;
      }
      switch (decision) {
        case Decision.Accepted accepted -> {
          call.sendHeaders(new Metadata());
          call.sendMessage(Results.response(method, accepted.result()));
          call.close(Status.OK, Results.trailers(store.snapshot().index()));
        }
        case Decision.Refused(var rejection) ->
            call.close(Rejections.status(rejection), Results.trailers(0));
      }
    }
  }
}
