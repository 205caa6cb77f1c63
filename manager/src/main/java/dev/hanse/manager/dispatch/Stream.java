package dev.hanse.manager.dispatch;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The sending half of a call. A client that does not read makes it not ready. */
final class Stream<T> implements Outlet<T> {
  private final ServerCallStreamObserver<T> observer;
  private boolean closed;

  /**
   * Wraps an observer; to be called in the service method, before it returns.
   *
   * @param writable called on another thread when the stream becomes ready again
   * @param ended called on another thread when the client is gone
   */
  Stream(StreamObserver<T> observer, Runnable writable, Runnable ended) {
    this.observer = (ServerCallStreamObserver<T>) observer;
    this.observer.setOnReadyHandler(writable);
    this.observer.setOnCancelHandler(ended);
  }

  @Override
  public boolean ready() {
    return !closed && observer.isReady();
  }

  @Override
  public void send(T message) {
    if (!closed && !observer.isCancelled()) {
      observer.onNext(message);
    }
  }

  @Override
  public void close(Status status) {
    if (!closed) {
      closed = true;
      observer.onError(status.asRuntimeException());
    }
  }
}
