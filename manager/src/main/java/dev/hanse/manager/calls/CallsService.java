package dev.hanse.manager.calls;

import dev.hanse.identity.server.Caller;
import dev.hanse.model.CallFrame;
import dev.hanse.model.NodeCallsGrpc;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * The gRPC service NodeCalls: nodes offer themselves to be asked, managers that do not lead ask
 * them by way of this one.
 */
public final class CallsService implements AutoCloseable {
  private final NodeLinks links;
  private final BiFunction<String, String, Optional<Status>> sessions;
  private final Set<NodeStream> streams = ConcurrentHashMap.newKeySet();

  /**
   * Serves.
   *
   * @param links where the streams of nodes are found
   * @param sessions says of a node and a session's id whether it is the node's; empty if so, else
   *     what to answer
   */
  public CallsService(NodeLinks links, BiFunction<String, String, Optional<Status>> sessions) {
    this.links = links;
    this.sessions = sessions;
  }

  /** To be served on the cluster port. */
  public ServerServiceDefinition service() {
    return FrameBounds.on(new Methods().bindService());
  }

  /** Another manager leads: all calls end. */
  @Override
  public void close() {
    links.close();
    streams.forEach(NodeStream::leaderChanged);
  }

  private final class Methods extends NodeCallsGrpc.NodeCallsImplBase {
    @Override
    public StreamObserver<CallFrame> answer(StreamObserver<CallFrame> observer) {
      var toNode = (ServerCallStreamObserver<CallFrame>) observer;
      NodeStream stream =
          new NodeStream(Caller.required().nodeId(), toNode, links, sessions, streams::remove);
      streams.add(stream);
      return stream;
    }

    @Override
    public StreamObserver<CallFrame> ask(StreamObserver<CallFrame> observer) {
      return new RelayedCall(links, (ServerCallStreamObserver<CallFrame>) observer);
    }
  }
}
