package dev.hanse.manager.calls;

import com.google.protobuf.ByteString;
import dev.hanse.calls.CallException;
import dev.hanse.calls.NodeCall;
import dev.hanse.calls.NodeCalls;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.cluster.EngineAnswer;
import dev.hanse.cluster.EngineCallException;
import dev.hanse.cluster.EngineCallException.Reason;
import dev.hanse.model.CallMessage;
import dev.hanse.model.CallRequest;
import dev.hanse.model.EngineCall;
import dev.hanse.model.EngineHead;
import io.grpc.Status;
import java.io.IOException;
import java.util.Optional;

/** Asks nodes' engines by calls to the nodes. */
public record EngineCalls(NodeCalls nodes) {
  /** As {@link ClusterAccess#askEngine}. */
  public EngineAnswer ask(String nodeId, EngineCall request)
      throws EngineCallException, InterruptedException {
    if (request.getSerializedSize() > ClusterAccess.ENGINE_CALL_BYTES_MAX) {
      throw new IllegalArgumentException("a call of " + request.getSerializedSize() + " bytes");
    }
    try {
      NodeCall call =
          nodes.open(nodeId, CallRequest.newBuilder().setEngine(request).build(), false);
      boolean answered = false;
      try {
        EngineHead head =
            call.next()
                .map(CallMessage::getEngineHead)
                .orElseThrow(() -> new CallException(Status.Code.INTERNAL, "no answer"));
        answered = true;
        return new Answer(call, head);
      } finally {
        if (!answered) {
          call.close();
        }
      }
    } catch (CallException failure) {
      throw new EngineCallException(reason(failure.code()), failure.text(), failure);
    }
  }

  private static Reason reason(Status.Code code) {
    return switch (code) {
      case UNAVAILABLE -> Reason.AWAY;
      case NOT_FOUND -> Reason.UNKNOWN;
      case UNIMPLEMENTED -> Reason.UNABLE;
      case RESOURCE_EXHAUSTED -> Reason.BUSY;
      default -> Reason.FAILED;
    };
  }

  private record Answer(NodeCall call, EngineHead head) implements EngineAnswer {
    @Override
    public Optional<ByteString> next() throws IOException, InterruptedException {
      try {
        return call.next().map(CallMessage::getChunk);
      } catch (CallException broken) {
        throw new IOException(broken.text(), broken);
      }
    }

    @Override
    public void send(ByteString bytes) throws IOException, InterruptedException {
      try {
        call.send(CallMessage.newBuilder().setChunk(bytes).build());
      } catch (CallException over) {
        throw new IOException(over.text(), over);
      }
    }

    @Override
    public void endSending() {
      call.endSending();
    }

    @Override
    public void close() {
      call.close();
    }
  }
}
