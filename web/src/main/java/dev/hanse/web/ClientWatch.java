package dev.hanse.web;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the client of a streaming answer went away while there is nothing to write. Jetty
 * itself does not look at the socket between a request's end and its answer's end. As in Go's
 * server, the end of the client's half counts as gone.
 */
final class ClientWatch implements Callback {
  private static final Logger LOG = LoggerFactory.getLogger(ClientWatch.class);
  private static final Executor VIRTUAL = Thread::startVirtualThread;

  private final EndPoint endPoint;
  private final CompletableFuture<Void> gone = new CompletableFuture<>();

  ClientWatch(EndPoint endPoint) {
    this.endPoint = endPoint;
  }

  /** Completes when the client is gone; never if {@link #stop} comes first. */
  CompletableFuture<Void> gone() {
    return gone;
  }

  /** Runs on a virtual thread, at once if the client is gone already; faults are logged. */
  void onGone(Runnable action) {
    gone.thenRunAsync(action, VIRTUAL)
        .exceptionally(
            fault -> {
              LOG.warn("after a client went away", fault);
              return null;
            });
  }

  void start() {
    endPoint.tryFillInterested(this);
  }

  /** To be called before the answer is completed: leaves the end point as it was found. */
  void stop() {
    if (endPoint instanceof AbstractEndPoint known && known.getFillInterest().isInterested()) {
      known.getFillInterest().onFail(new CancellationException("answer complete"));
    }
  }

  @Override
  public void succeeded() {
    try {
      // One byte is enough to tell the end from a pipelined request, which Docker's clients never
      // send and which is not served after a stream.
      ByteBuffer one = ByteBuffer.allocate(1);
      one.limit(0);
      int filled = endPoint.fill(one);
      if (filled == 0) {
        endPoint.tryFillInterested(this);
      } else {
        gone.complete(null);
      }
    } catch (IOException e) {
      gone.complete(null);
    }
  }

  @Override
  public void failed(Throwable cause) {
    if (!(cause instanceof CancellationException)) {
      gone.complete(null);
    }
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }
}
