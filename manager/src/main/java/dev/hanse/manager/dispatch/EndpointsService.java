package dev.hanse.manager.dispatch;

import dev.hanse.identity.server.Caller;
import dev.hanse.model.EndpointsAck;
import dev.hanse.model.EndpointsGrpc;
import dev.hanse.model.EndpointsMessage;
import io.grpc.stub.StreamObserver;

/** The gRPC face of the endpoint tables. */
public final class EndpointsService extends EndpointsGrpc.EndpointsImplBase {
  private final DispatchLoop loop;

  /** Hands the calls to the loop. */
  public EndpointsService(DispatchLoop loop) {
    this.loop = loop;
  }

  @Override
  public StreamObserver<EndpointsAck> watch(StreamObserver<EndpointsMessage> observer) {
    return new Watch(Caller.required().nodeId(), observer);
  }

  /** One stream; gRPC calls it from one thread at a time. */
  private final class Watch implements StreamObserver<EndpointsAck> {
    private final String nodeId;
    private final Stream<EndpointsMessage> stream;
    private final EndpointStream endpoints;
    private boolean opened;

    Watch(String nodeId, StreamObserver<EndpointsMessage> observer) {
      this.nodeId = nodeId;
      this.stream = new Stream<>(observer, () -> loop.writable(nodeId), this::ended);
      this.endpoints = new EndpointStream(stream, nodeId);
    }

    @Override
    public void onNext(EndpointsAck message) {
      if (opened) {
        loop.acknowledge(nodeId, endpoints, message.getIndex());
      } else {
        opened = true;
        loop.openEndpoints(nodeId, message.getSessionId(), endpoints, stream);
      }
    }

    @Override
    public void onError(Throwable error) {
      ended();
    }

    @Override
    public void onCompleted() {
      ended();
    }

    private void ended() {
      loop.ended(nodeId, endpoints);
    }
  }
}
