package dev.hanse.raft.peer;

import dev.hanse.raft.log.Member;
import java.io.IOException;
import java.time.Duration;

/**
 * Carries messages to other managers, where {@code RatisLog.receive} answers them. Whoever
 * implements it makes sure that only managers of this cluster call and are called.
 */
public interface PeerTransport {
  /** The largest message between members, in bytes; what carries them must allow as much. */
  int MESSAGE_BYTES_MAX = 3 * 1024 * 1024;

  /** For a log that has no other member, and will get none. */
  PeerTransport NONE =
      (to, request, timeout) -> {
        throw new IOException("this log has no way to reach " + to.nodeId());
      };

  /**
   * Sends a message and waits for the answer; called on threads that may block, several at once.
   * The message may be up to {@link #MESSAGE_BYTES_MAX} long.
   *
   * @throws IOException if no answer came within the time, whether or not the message arrived
   */
  byte[] call(Member to, byte[] request, Duration timeout) throws IOException;
}
