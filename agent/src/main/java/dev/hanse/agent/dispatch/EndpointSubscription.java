package dev.hanse.agent.dispatch;

import dev.hanse.model.EndpointsAck;
import dev.hanse.model.EndpointsGrpc;
import dev.hanse.model.EndpointsMessage;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes the endpoint tables on to the network and its acknowledgements back. */
final class EndpointSubscription implements StreamObserver<EndpointsMessage> {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointSubscription.class);

  private final EndpointsListener listener;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private @Nullable StreamObserver<EndpointsAck> acknowledgements;
  private String sessionId = "";
  private long acknowledged;

  EndpointSubscription(EndpointsListener listener) {
    this.listener = listener;
  }

  /** Serves until the manager ends the stream; forever when the manager does not have it. */
  void serve(Channel channel, String session) throws InterruptedException {
    StreamObserver<EndpointsAck> requests = EndpointsGrpc.newStub(channel).watch(this);
    synchronized (this) {
      sessionId = session;
      acknowledgements = requests;
      requests.onNext(EndpointsAck.newBuilder().setSessionId(session).build());
    }
    try {
      done.get();
    } catch (ExecutionException failure) {
      Status status = Status.fromThrowable(failure);
      if (status.getCode() != Status.Code.UNIMPLEMENTED) {
        throw new StatusRuntimeException(status);
      }
      LOG.warn("the manager sends no endpoints: services on other nodes cannot be reached");
      new CompletableFuture<Void>().join();
    }
  }

  private synchronized void acknowledge(long index) {
    StreamObserver<EndpointsAck> requests = acknowledgements;
    if (requests != null && !done.isDone() && Long.compareUnsigned(index, acknowledged) > 0) {
      acknowledged = index;
      requests.onNext(EndpointsAck.newBuilder().setSessionId(sessionId).setIndex(index).build());
    }
  }

  @Override
  public void onNext(EndpointsMessage message) {
    listener.receive(message, this::acknowledge);
  }

  @Override
  public void onError(Throwable failure) {
    done.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    done.complete(null);
  }
}
