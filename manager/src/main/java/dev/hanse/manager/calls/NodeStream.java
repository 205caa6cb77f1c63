package dev.hanse.manager.calls;

import dev.hanse.bounds.HeapShares;
import dev.hanse.calls.CallException;
import dev.hanse.calls.CallStream;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.calls.table.CallTable.End;
import dev.hanse.calls.table.CallViolation;
import dev.hanse.calls.table.Outcome;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallRequest;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stream by which one node is asked. gRPC gives it the node's frames one at a time. */
final class NodeStream implements StreamObserver<CallFrame>, CallStream.Sink, NodeLinks.Link {
  private static final Logger logger = LoggerFactory.getLogger(NodeStream.class);

  /** What a node may send in a call that its reader has not taken. */
  private static final int WINDOW_BYTES = 64 * 1024;

  private final String nodeId;
  private final ServerCallStreamObserver<CallFrame> toNode;
  private final NodeLinks links;
  private final BiFunction<String, String, Optional<Status>> sessions;
  private final Consumer<NodeStream> whenGone;
  private final CallStream calls =
      new CallStream(End.ASKING, CallLimits.CALLS_MAX, HeapShares.NODE_CALLS, this);

  /** Empty before the greeting. */
  private volatile String sessionId = "";

  private boolean ended;

  /**
   * A stream that a node has opened.
   *
   * @param sessions says of a node and a session's id whether it is the node's; empty if so
   * @param whenGone told when it has ended, perhaps twice
   */
  NodeStream(
      String nodeId,
      ServerCallStreamObserver<CallFrame> toNode,
      NodeLinks links,
      BiFunction<String, String, Optional<Status>> sessions,
      Consumer<NodeStream> whenGone) {
    this.whenGone = whenGone;
    this.nodeId = nodeId;
    this.toNode = toNode;
    this.links = links;
    this.sessions = sessions;
    toNode.setOnReadyHandler(calls::writable);
    toNode.setOnCancelHandler(this::gone);
  }

  @Override
  public void onNext(CallFrame frame) {
    if (ended) {
      return;
    }
    if (sessionId.isEmpty()) {
      greeted(frame);
      return;
    }
    try {
      calls.receive(
          frame,
          opened -> {
            throw new IllegalStateException("this end opens the calls");
          });
    } catch (CallViolation violation) {
      logger.warn("node {} is asked nothing more: {}", nodeId, violation.getMessage());
      end(Status.INVALID_ARGUMENT.withDescription(violation.getMessage()));
    }
  }

  private void greeted(CallFrame frame) {
    String named = frame.getGreeting().getSessionId();
    Optional<Status> refusal = sessions.apply(nodeId, named);
    if (refusal.isPresent()) {
      end(refusal.get());
    } else {
      sessionId = named;
      links.attach(nodeId, this);
    }
  }

  @Override
  public void onError(Throwable error) {
    gone();
  }

  @Override
  public void onCompleted() {
    end(Status.OK);
  }

  private void gone() {
    links.detach(nodeId, this);
    calls.lost(
        new Outcome(Status.Code.UNAVAILABLE, "node " + nodeId + " disconnected unexpectedly"));
    whenGone.accept(this);
  }

  private void end(Status status) {
    ended = true;
    gone();
    if (status.isOk()) {
      toNode.onCompleted();
    } else {
      toNode.onError(status.asRuntimeException());
    }
  }

  /** Another manager leads. */
  void leaderChanged() {
    calls.lost(new Outcome(Status.Code.UNAVAILABLE, "the leader has changed"));
  }

  @Override
  public NodeCall open(CallRequest request) throws CallException, InterruptedException {
    return calls.open(request, WINDOW_BYTES);
  }

  @Override
  public boolean isCurrent() {
    return sessions.apply(nodeId, sessionId).isEmpty();
  }

  @Override
  public boolean isForEverything() {
    return true;
  }

  @Override
  public boolean isReady() {
    return toNode.isReady();
  }

  @Override
  public void send(CallFrame frame) {
    toNode.onNext(frame);
  }
}
