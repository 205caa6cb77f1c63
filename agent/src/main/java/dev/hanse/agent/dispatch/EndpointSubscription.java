package dev.hanse.agent.dispatch;

import dev.hanse.health.Backoff;
import dev.hanse.model.EndpointsAck;
import dev.hanse.model.EndpointsGrpc;
import dev.hanse.model.EndpointsMessage;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the endpoint tables on to the network and its acknowledgements back. A message that the
 * network refuses ends the stream, as nothing that follows would fit; the next stream begins with a
 * complete table.
 */
final class EndpointSubscription {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointSubscription.class);
  private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
  private static final Duration PAUSE_MAX = Duration.ofMinutes(1);

  private final EndpointsListener listener;

  EndpointSubscription(EndpointsListener listener) {
    this.listener = listener;
  }

  /** Serves until the manager ends the stream; forever when the manager does not have it. */
  void serve(Channel channel, String session) throws InterruptedException {
    Duration pause = PAUSE_MIN;
    while (true) {
      Watch watch = new Watch(session);
      watch.open(channel);
      Optional<String> refusal = watch.await();
      if (refusal.isEmpty()) {
        return;
      }
      pause = watch.wasOfUse() ? PAUSE_MIN : pause;
      LOG.warn(
          "endpoint stream: {}; asking for all endpoints in {} s",
          refusal.get(),
          pause.toSeconds());
      Thread.sleep(pause);
      pause = Backoff.longer(pause, PAUSE_MAX);
    }
  }

  /** One stream. */
  private final class Watch implements StreamObserver<EndpointsMessage> {
    private final String sessionId;

    /** Why the network cannot go on with it; empty when the manager has ended it. */
    private final CompletableFuture<Optional<String>> done = new CompletableFuture<>();

    private @Nullable StreamObserver<EndpointsAck> acknowledgements;
    private long acknowledged;

    Watch(String sessionId) {
      this.sessionId = sessionId;
    }

    void open(Channel channel) {
      StreamObserver<EndpointsAck> requests = EndpointsGrpc.newStub(channel).watch(this);
      synchronized (this) {
        acknowledgements = requests;
        requests.onNext(EndpointsAck.newBuilder().setSessionId(sessionId).build());
      }
    }

    Optional<String> await() throws InterruptedException {
      try {
        return done.get();
      } catch (ExecutionException failure) {
        Status status = Status.fromThrowable(failure);
        if (status.getCode() != Status.Code.UNIMPLEMENTED) {
          throw new StatusRuntimeException(status);
        }
        LOG.warn("the manager sends no endpoints: services on other nodes cannot be reached");
        return new CompletableFuture<Optional<String>>().join();
      }
    }

    synchronized boolean wasOfUse() {
      return acknowledged != 0;
    }

    private synchronized void acknowledge(long index) {
      StreamObserver<EndpointsAck> requests = acknowledgements;
      if (requests != null && !done.isDone() && Long.compareUnsigned(index, acknowledged) > 0) {
        acknowledged = index;
        requests.onNext(EndpointsAck.newBuilder().setSessionId(sessionId).setIndex(index).build());
      }
    }

    private synchronized void refuse(String reason) {
      StreamObserver<EndpointsAck> requests = acknowledgements;
      if (done.complete(Optional.of(reason)) && requests != null) {
        requests.onError(Status.CANCELLED.withDescription(reason).asRuntimeException());
      }
    }

    @Override
    public void onNext(EndpointsMessage message) {
      if (!done.isDone()) {
        listener.receive(message, this::acknowledge, this::refuse);
      }
    }

    @Override
    public void onError(Throwable failure) {
      done.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      done.complete(Optional.empty());
    }
  }
}
