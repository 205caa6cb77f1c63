package dev.hanse.manager.calls;

import dev.hanse.bounds.HeapShares;
import dev.hanse.calls.CallException;
import dev.hanse.calls.CallStream;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.NodeCalls;
import dev.hanse.calls.table.CallTable.End;
import dev.hanse.calls.table.CallViolation;
import dev.hanse.calls.table.Outcome;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallGreeting;
import dev.hanse.model.CallMessage;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that another manager makes by way of the leader: what the leader answers to that manager
 * is what it asks of the node. Windows on both sides: what neither end takes is not held here.
 */
final class RelayedCall implements StreamObserver<CallFrame>, CallStream.Sink {
  private static final Logger logger = LoggerFactory.getLogger(RelayedCall.class);
  private static final Outcome GIVEN_UP =
      new Outcome(Status.Code.CANCELLED, "the call was cancelled");

  private final NodeCalls nodes;
  private final ServerCallStreamObserver<CallFrame> asker;
  private final CallStream calls = new CallStream(End.ANSWERING, 1, HeapShares.NODE_CALLS, this);
  private Optional<CallGreeting> greeting = Optional.empty();
  private boolean refused;

  RelayedCall(NodeCalls nodes, ServerCallStreamObserver<CallFrame> asker) {
    this.nodes = nodes;
    this.asker = asker;
    asker.setOnReadyHandler(calls::writable);
    asker.setOnCancelHandler(() -> calls.lost(GIVEN_UP));
  }

  @Override
  public void onNext(CallFrame frame) {
    if (refused) {
      return;
    }
    if (greeting.isEmpty()) {
      greeting = Optional.of(frame.getGreeting());
      if (frame.getGreeting().getNodeId().isEmpty()) {
        refuse("no node is named");
      }
      return;
    }
    CallGreeting whom = greeting.get();
    try {
      calls.receive(frame, call -> begin(whom, call));
    } catch (CallViolation violation) {
      refuse(String.valueOf(violation.getMessage()));
    }
  }

  private void refuse(String reason) {
    refused = true;
    calls.lost(GIVEN_UP);
    asker.onError(Status.INVALID_ARGUMENT.withDescription(reason).asRuntimeException());
  }

  private void begin(CallGreeting whom, CallStream.Incoming call) {
    Thread relay = Thread.ofVirtual().name("hanse-call").start(() -> relay(whom, call));
    call.onOver(relay::interrupt);
  }

  private void relay(CallGreeting whom, CallStream.Incoming call) {
    Outcome outcome;
    try (NodeCall onward = nodes.open(whom.getNodeId(), call.request(), whom.getWait())) {
      Thread input = Thread.ofVirtual().name("hanse-call-input").start(() -> input(call, onward));
      try {
        for (Optional<CallMessage> message = onward.next();
            message.isPresent();
            message = onward.next()) {
          call.send(message.get());
        }
        outcome = Outcome.OK;
      } finally {
        input.interrupt();
      }
    } catch (CallException e) {
      outcome = new Outcome(e.code(), e.text());
    } catch (InterruptedException e) {
      outcome = GIVEN_UP;
    } catch (RuntimeException | Error e) {
      logger.error("passing a call on to node {}", whom.getNodeId(), e);
      outcome = new Outcome(Status.Code.INTERNAL, "internal error");
    }
    call.finish(outcome);
  }

  private static void input(CallStream.Incoming call, NodeCall onward) {
    try {
      for (Optional<CallMessage> message = call.next();
          message.isPresent();
          message = call.next()) {
        onward.send(message.get());
      }
      onward.endSending();
    } catch (CallException over) {
      logger.debug("input for a call that is over: {}", over.getMessage());
    } catch (InterruptedException over) {
      logger.debug("a call has ended before its input");
    }
  }

  @Override
  public void onError(Throwable error) {
    calls.lost(GIVEN_UP);
  }

  /** The asker has ended its half when it knows the outcome. */
  @Override
  public void onCompleted() {
    if (!refused) {
      calls.lost(GIVEN_UP);
      asker.onCompleted();
    }
  }

  @Override
  public boolean isReady() {
    return asker.isReady();
  }

  @Override
  public void send(CallFrame frame) {
    asker.onNext(frame);
  }
}
