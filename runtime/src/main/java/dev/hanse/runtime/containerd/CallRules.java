package dev.hanse.runtime.containerd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What holds for every call to containerd. A call with one answer waits for the connection
 * (containerd may be restarting) and has a deadline; a stream fails at once without a connection,
 * so that who holds it can do something about that. Calls are counted.
 */
final class CallRules implements ClientInterceptor {
  /** Longer than any call takes, short enough for a person to wait. Some calls say otherwise. */
  private static final long DEADLINE_SECONDS = 60;

  private final AtomicLong callCount = new AtomicLong();

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    callCount.incrementAndGet();
    if (method.getType() != MethodDescriptor.MethodType.UNARY) {
      return next.newCall(method, options);
    }
    CallOptions ruled = options.withWaitForReady();
    if (options.getDeadline() == null) {
      ruled = ruled.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
    return next.newCall(method, ruled);
  }

  long callCount() {
    return callCount.get();
  }
}
