package dev.hanse.runtime.containerd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What holds for every call to containerd: it waits for the connection (containerd may be
 * restarting), a call with one answer has a deadline, and calls are counted.
 */
final class CallRules implements ClientInterceptor {
  /** Unpacking a large layer on a slow disk is one call. */
  private static final long DEADLINE_SECONDS = 600;

  private final AtomicLong callCount = new AtomicLong();

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    callCount.incrementAndGet();
    CallOptions ruled = options.withWaitForReady();
    if (method.getType() == MethodDescriptor.MethodType.UNARY && options.getDeadline() == null) {
      ruled = ruled.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
    return next.newCall(method, ruled);
  }

  long callCount() {
    return callCount.get();
  }
}
