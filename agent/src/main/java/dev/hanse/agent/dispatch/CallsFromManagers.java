package dev.hanse.agent.dispatch;

import dev.hanse.bounds.HeapShares;
import dev.hanse.calls.CallException;
import dev.hanse.calls.CallHandler;
import dev.hanse.calls.CallStream;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.calls.table.CallTable.End;
import dev.hanse.calls.table.CallViolation;
import dev.hanse.calls.table.Outcome;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallGreeting;
import dev.hanse.model.NodeCallsGrpc;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream on which managers call this node, in one session. Each call is answered on a thread of
 * its own, which is interrupted when the call or the session is over.
 */
final class CallsFromManagers
    implements ClientResponseObserver<CallFrame, CallFrame>, CallStream.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(CallsFromManagers.class);
  private static final Outcome SESSION_OVER =
      new Outcome(Status.Code.UNAVAILABLE, "the node's session has ended");

  private final CallHandler handler;
  private final Context context;
  private final CallStream calls =
      new CallStream(End.ANSWERING, CallLimits.CALLS_MAX, HeapShares.NODE_CALLS, this);
  private final CompletableFuture<Status> ended = new CompletableFuture<>();
  private @Nullable ClientCallStreamObserver<CallFrame> toManager;

  /**
   * Not opened.
   *
   * @param context that of the session
   */
  CallsFromManagers(CallHandler handler, Context context) {
    this.handler = handler;
    this.context = context;
  }

  /**
   * Answers until the manager ends the stream.
   *
   * @return whether the manager knows such streams at all
   * @throws StatusRuntimeException if it ends the stream with a failure
   */
  boolean serve(Channel channel, String sessionId) throws InterruptedException {
    try {
      var greeting =
          NodeCallsGrpc.newStub(channel)
              .withMaxInboundMessageSize(CallLimits.FRAME_BYTES_MAX)
              .answer(this);
      greeting.onNext(
          CallFrame.newBuilder()
              .setGreeting(CallGreeting.newBuilder().setSessionId(sessionId))
              .build());
      Status status = ended.get();
      if (!status.isOk() && status.getCode() != Status.Code.UNIMPLEMENTED) {
        throw status.asRuntimeException();
      }
      return status.isOk();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a stream is never exceptional", impossible);
    } finally {
      calls.lost(SESSION_OVER);
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<CallFrame> stream) {
    toManager = stream;
    stream.setOnReadyHandler(calls::writable);
  }

  @Override
  public void onNext(CallFrame frame) {
    try {
      calls.receive(frame, this::begin);
    } catch (CallViolation violation) {
      LOG.error("the manager's calls are ended: {}", violation.getMessage());
      end(Status.INVALID_ARGUMENT.withDescription(violation.getMessage()));
      sink().cancel(violation.getMessage(), null);
    }
  }

  @Override
  public void onError(Throwable failure) {
    end(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end(Status.OK);
  }

  private void end(Status status) {
    calls.lost(SESSION_OVER);
    ended.complete(status);
  }

  private void begin(CallStream.Incoming call) {
    Thread thread =
        Thread.ofVirtual().name("manager-call").unstarted(context.wrap(() -> answer(call)));
    thread.start();
    call.onOver(thread::interrupt);
  }

  private void answer(CallStream.Incoming call) {
    Outcome outcome;
    try {
      handler.answer(call);
      outcome = Outcome.OK;
    } catch (CallException told) {
      outcome = new Outcome(told.code(), told.text());
    } catch (IOException failure) {
      LOG.warn("answering a manager: {}", failure.getMessage());
      outcome = new Outcome(Status.Code.INTERNAL, String.valueOf(failure.getMessage()));
    } catch (InterruptedException over) {
      outcome = SESSION_OVER;
    } catch (RuntimeException | Error fault) {
      LOG.error("answering a manager", fault);
      outcome = new Outcome(Status.Code.INTERNAL, "the node has failed to answer");
    }
    call.finish(outcome);
  }

  @Override
  public boolean isReady() {
    return sink().isReady();
  }

  @Override
  public void send(CallFrame frame) {
    sink().onNext(frame);
  }

  private ClientCallStreamObserver<CallFrame> sink() {
    ClientCallStreamObserver<CallFrame> stream = toManager;
    if (stream == null) {
      throw new IllegalStateException("the stream is not open");
    }
    return stream;
  }
}
