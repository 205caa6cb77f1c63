package dev.hanse.manager;

import dev.hanse.bounds.MemoryShare;
import dev.hanse.calls.AnsweredCall;
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
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** A node's end of the stream of calls, which answers as the test says. */
final class AnsweringNode implements ClientResponseObserver<CallFrame, CallFrame>, CallStream.Sink {
  /** How calls ended, in words; a call that was cancelled is "over". */
  final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

  final CompletableFuture<Status> ended = new CompletableFuture<>();
  final CallStream calls =
      new CallStream(End.ANSWERING, CallLimits.CALLS_MAX, new MemoryShare(1 << 20), this);
  private final CallHandler handler;
  private final CompletableFuture<ClientCallStreamObserver<CallFrame>> stream =
      new CompletableFuture<>();

  private AnsweringNode(CallHandler handler) {
    this.handler = handler;
  }

  static AnsweringNode open(Channel channel, String sessionId, CallHandler handler) {
    AnsweringNode node = new AnsweringNode(handler);
    NodeCallsGrpc.newStub(channel)
        .answer(node)
        .onNext(
            CallFrame.newBuilder()
                .setGreeting(CallGreeting.newBuilder().setSessionId(sessionId))
                .build());
    return node;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<CallFrame> requests) {
    requests.setOnReadyHandler(calls::writable);
    stream.complete(requests);
  }

  @Override
  public void onNext(CallFrame frame) {
    try {
      calls.receive(frame, call -> Thread.ofVirtual().start(() -> answer(call)));
    } catch (CallViolation e) {
      throw new AssertionError(e);
    }
  }

  private void answer(CallStream.Incoming call) {
    Thread self = Thread.currentThread();
    call.onOver(self::interrupt);
    try {
      handler.answer((AnsweredCall) call);
      call.finish(Outcome.OK);
      ends.add("answered");
    } catch (CallException e) {
      call.finish(new Outcome(e.code(), e.text()));
      ends.add(e.text());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      ends.add("over");
    }
  }

  @Override
  public void onError(Throwable failure) {
    calls.lost(new Outcome(Status.Code.UNAVAILABLE, "lost"));
    ended.complete(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    calls.lost(new Outcome(Status.Code.UNAVAILABLE, "lost"));
    ended.complete(Status.OK);
  }

  @Override
  public boolean isReady() {
    return stream.join().isReady();
  }

  @Override
  public void send(CallFrame frame) {
    stream.join().onNext(frame);
  }

  void close() {
    stream.join().cancel("the test ends it", null);
  }
}
