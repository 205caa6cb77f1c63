package dev.hanse.manager.dispatch;

import io.grpc.Status;

/** The sending half of a stream to a node, used by one thread. */
public interface Outlet<T> {
  /**
   * Does the node take a message now? While it does not, nothing is sent; later the newest state
   * is, so nothing piles up.
   */
  boolean ready();

  /** Sends; does nothing when the stream is closed or the node gone. */
  void send(T message);

  /** Ends the stream, once. */
  void close(Status status);
}
