package dev.hanse.identity.server;

import com.google.protobuf.MessageLite;
import dev.hanse.identity.certificate.Role;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Behind {@link AccessControl}: a node that is no manager has a number of calls under way, however
 * many connections it opens and whichever managers pass them on, and a request that is held until
 * it is answered is short: decoded, some take twenty times their length.
 */
final class WorkerCalls implements ServerInterceptor {
  private final int callsMax;
  private final int requestBytesMax;
  private final Map<String, Integer> callsByNode = new ConcurrentHashMap<>();

  WorkerCalls(ClusterServer.Limits limits) {
    this.callsMax = limits.workerCallsMax();
    this.requestBytesMax = limits.workerRequestBytesMax();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return Caller.current()
        .filter(caller -> caller.role() != Role.MANAGER)
        .map(caller -> counted(caller.nodeId(), call, headers, next))
        .orElseGet(() -> next.startCall(call, headers));
  }

  private <Q, A> ServerCall.Listener<Q> counted(
      String nodeId, ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!take(nodeId)) {
      refuse(call, "a node may have " + callsMax + " calls under way");
      return new ServerCall.Listener<>() {};
    }
    Place place = new Place(nodeId);
    ServerCall.Listener<Q> listener;
    try {
      listener = next.startCall(call, headers);
    } catch (RuntimeException | Error e) {
      place.free();
      throw e;
    }
    boolean held = call.getMethodDescriptor().getType().clientSendsOneMessage();
    return new SimpleForwardingServerCallListener<>(listener) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (held && bytes(message) > requestBytesMax) {
          refused = true;
          refuse(call, "a node's request is longer than " + requestBytesMax + " bytes");
        } else {
          super.onMessage(message);
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }

      @Override
      public void onComplete() {
        place.free();
        super.onComplete();
      }

      @Override
      public void onCancel() {
        place.free();
        super.onCancel();
      }
    };
  }

  private static long bytes(Object message) {
    return switch (message) {
      case MessageLite decoded -> decoded.getSerializedSize();
      case byte[] passedOn -> passedOn.length;
      default -> throw new IllegalArgumentException("a message of " + message.getClass());
    };
  }

  private static void refuse(ServerCall<?, ?> call, String why) {
    call.close(Status.RESOURCE_EXHAUSTED.withDescription(why), new Metadata());
  }

  private boolean take(String nodeId) {
    AtomicBoolean taken = new AtomicBoolean();
    var unused =
        callsByNode.compute(
            nodeId,
            (_, calls) -> {
              int now = calls == null ? 0 : calls;
              taken.setPlain(now < callsMax);
              return taken.getPlain() ? Integer.valueOf(now + 1) : calls;
            });
    return taken.getPlain();
  }

  /** That of one call; given back once. */
  private final class Place {
    private final String nodeId;
    private final AtomicBoolean freed = new AtomicBoolean();

    Place(String nodeId) {
      this.nodeId = nodeId;
    }

    void free() {
      if (freed.compareAndSet(false, true)) {
        var unused =
            callsByNode.computeIfPresent(nodeId, (_, calls) -> calls == 1 ? null : calls - 1);
      }
    }
  }
}
