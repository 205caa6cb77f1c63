package dev.hanse.raft;

import java.io.IOException;
import java.time.Duration;

/**
 * Carries messages to other managers, where {@link RatisLog#receive} answers them. Whoever
 * implements it makes sure that only managers of this cluster call and are called.
 */
public interface PeerTransport {
  /** For a log that has no other member, and will get none. */
  PeerTransport NONE =
      (to, request, timeout) -> {
        throw new IOException("this log has no way to reach " + to.nodeId());
      };

  /**
   * Sends a message and waits for the answer; called on threads that may block, several at once.
   * The message may be up to {@link RatisLog#MESSAGE_BYTES_MAX} long.
   *
   * @throws IOException if no answer came within the time, whether or not the message arrived
   */
  byte[] call(Member to, byte[] request, Duration timeout) throws IOException;
}
