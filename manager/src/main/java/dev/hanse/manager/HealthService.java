package dev.hanse.manager;

import dev.hanse.model.HealthCheckRequest;
import dev.hanse.model.HealthCheckResponse;
import dev.hanse.model.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.function.BooleanSupplier;

/**
 * Says whether this manager can write, or, asked for "Raft", whether it takes the log's messages.
 */
final class HealthService extends HealthGrpc.HealthImplBase {
  private final BooleanSupplier writing;
  private final BooleanSupplier receiving;

  HealthService(BooleanSupplier writing, BooleanSupplier receiving) {
    this.writing = writing;
    this.receiving = receiving;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    Answers.unary(
        observer,
        () ->
            HealthCheckResponse.newBuilder()
                .setStatus(
                    (request.getService().equals("Raft") ? receiving : writing).getAsBoolean()
                        ? HealthCheckResponse.ServingStatus.SERVING
                        : HealthCheckResponse.ServingStatus.NOT_SERVING)
                .build());
  }
}
