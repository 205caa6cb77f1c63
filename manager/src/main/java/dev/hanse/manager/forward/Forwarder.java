package dev.hanse.manager.forward;

import dev.hanse.identity.server.Caller;
import dev.hanse.identity.server.Forwarding;
import dev.hanse.manager.loop.ControlStep;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.InetSocketAddress;

/**
 * Passes calls of the leader's methods on to the leader, whatever they are: messages both ways as
 * bytes, cancellation, deadline and back-pressure. A call goes on once only: who passes it on to a
 * manager that does not lead has an old view, and its caller had better try again.
 */
public final class Forwarder {
  private final LeaderRoute route;
  private final String ownAddress;

  /**
   * Creates the forwarder.
   *
   * @param advertised where other nodes find this machine, for callers on it
   */
  public Forwarder(LeaderRoute route, InetSocketAddress advertised) {
    this.route = route;
    this.ownAddress = advertised.isUnresolved() ? "" : advertised.getAddress().getHostAddress();
  }

  /** What serves a method that only the leader has. */
  public ServerMethodDefinition<byte[], byte[]> method(String name) {
    return ServerMethodDefinition.create(
        RawMethod.descriptor(name), (call, headers) -> start(name, call));
  }

  private ServerCall.Listener<byte[]> start(String name, ServerCall<byte[], byte[]> call) {
    if (Forwarding.isForwarded()) {
      return refuse(call, Status.UNAVAILABLE.withDescription(ControlStep.NO_LEADER));
    }
    Line line;
    try {
      line = route.line();
    } catch (StatusRuntimeException e) {
      return refuse(call, e.getStatus());
    }
    // Made in the call's context, which carries its deadline on and ends with it.
    ClientCall<byte[], byte[]> onward =
        line.channel().newCall(RawMethod.descriptor(name), CallOptions.DEFAULT);
    return ForwardedCall.start(
        call, onward, line, Forwarding.headers(Caller.current(), ownAddress));
  }

  private static ServerCall.Listener<byte[]> refuse(
      ServerCall<byte[], byte[]> call, Status status) {
    call.close(status, new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
