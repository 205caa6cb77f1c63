package dev.hanse.manager.forward;

import dev.hanse.bounds.HeapShares;
import dev.hanse.calls.CallException;
import dev.hanse.calls.CallStream;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.NodeCalls;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.calls.table.CallTable.End;
import dev.hanse.calls.table.CallViolation;
import dev.hanse.calls.table.Outcome;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallGreeting;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import dev.hanse.model.NodeCallsGrpc;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Calls to nodes by way of the leader, which has their streams. What {@link NodeCalls#open} is
 * refused for is told by the first {@link NodeCall#next}.
 */
public final class RemoteCalls implements NodeCalls {
  /** What the leader may send in a call that its reader has not taken. */
  private static final int WINDOW_BYTES = 64 * 1024;

  private final LeaderRoute route;

  /** By that route. */
  public RemoteCalls(LeaderRoute route) {
    this.route = route;
  }

  @Override
  public NodeCall open(String nodeId, CallRequest request, boolean wait)
      throws CallException, InterruptedException {
    if (request.getSerializedSize() > CallLimits.REQUEST_BYTES_MAX) {
      throw new IllegalArgumentException("the request is too long");
    }
    Line line;
    try {
      line = route.line();
    } catch (StatusRuntimeException e) {
      throw new CallException(outcome(e.getStatus()));
    }
    // Outlives whatever call this thread may be serving.
    Context former = Context.ROOT.attach();
    Asking asking = new Asking(line);
    try {
      asking.start(CallGreeting.newBuilder().setNodeId(nodeId).setWait(wait).build());
    } finally {
      Context.ROOT.detach(former);
    }
    return asking.open(request);
  }

  private static Outcome outcome(Status status) {
    String text = status.getDescription();
    return new Outcome(
        status.getCode(), text == null ? "the call has ended: " + status.getCode() : text);
  }

  /** A stream to the leader, with one call. */
  private static final class Asking
      implements ClientResponseObserver<CallFrame, CallFrame>, CallStream.Sink {
    private static final Status CLOSED = Status.CANCELLED.withDescription("the call was cancelled");

    private final Line line;
    private final CallStream calls = new CallStream(End.ASKING, 1, HeapShares.NODE_CALLS, this);
    private @Nullable ClientCallStreamObserver<CallFrame> leader;

    Asking(Line line) {
      this.line = line;
    }

    void start(CallGreeting greeting) {
      var unused =
          NodeCallsGrpc.newStub(line.channel())
              .withMaxInboundMessageSize(CallLimits.FRAME_BYTES_MAX)
              .ask(this);
      send(CallFrame.newBuilder().setGreeting(greeting).build());
      line.onEnd(this::end);
    }

    NodeCall open(CallRequest request) throws CallException, InterruptedException {
      boolean opened = false;
      try {
        NodeCall call = calls.open(request, WINDOW_BYTES);
        opened = true;
        return new Closing(call);
      } finally {
        if (!opened) {
          end(CLOSED);
        }
      }
    }

    private void end(Status status) {
      calls.lost(outcome(status));
      stream().cancel(status.getDescription(), null);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<CallFrame> stream) {
      leader = stream;
      stream.setOnReadyHandler(calls::writable);
    }

    @Override
    public void onNext(CallFrame frame) {
      try {
        calls.receive(
            frame,
            opened -> {
              throw new IllegalStateException("this end opens the call");
            });
      } catch (CallViolation violation) {
        end(Status.INTERNAL.withDescription(violation.getMessage()));
      }
    }

    @Override
    public void onError(Throwable failure) {
      line.close();
      calls.lost(outcome(Status.fromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
      line.close();
      calls.lost(outcome(Status.UNAVAILABLE.withDescription("the leader has ended the call")));
    }

    @Override
    public boolean isReady() {
      return stream().isReady();
    }

    @Override
    public void send(CallFrame frame) {
      stream().onNext(frame);
    }

    private ClientCallStreamObserver<CallFrame> stream() {
      ClientCallStreamObserver<CallFrame> open = leader;
      if (open == null) {
        throw new IllegalStateException("the stream is not open");
      }
      return open;
    }

    /** The call; its stream ends with it. */
    private final class Closing implements NodeCall {
      private final NodeCall call;

      Closing(NodeCall call) {
        this.call = call;
      }

      @Override
      public void send(CallMessage message) throws CallException, InterruptedException {
        call.send(message);
      }

      @Override
      public void endSending() {
        call.endSending();
      }

      @Override
      public Optional<CallMessage> next() throws CallException, InterruptedException {
        return call.next();
      }

      @Override
      public void close() {
        call.close();
        end(CLOSED);
      }
    }
  }
}
