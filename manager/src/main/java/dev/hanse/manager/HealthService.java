package dev.hanse.manager;

import dev.hanse.model.HealthCheckRequest;
import dev.hanse.model.HealthCheckResponse;
import dev.hanse.model.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.function.BooleanSupplier;

/** Says whether this manager can write. */
final class HealthService extends HealthGrpc.HealthImplBase {
  private final BooleanSupplier serving;

  HealthService(BooleanSupplier serving) {
    this.serving = serving;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    Answers.unary(
        observer,
        () ->
            HealthCheckResponse.newBuilder()
                .setStatus(
                    serving.getAsBoolean()
                        ? HealthCheckResponse.ServingStatus.SERVING
                        : HealthCheckResponse.ServingStatus.NOT_SERVING)
                .build());
  }
}
