package dev.hanse.agent.gossip;

import java.io.IOException;
import java.net.Socket;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Memory for questions that have not come to their end, so that it is not known yet whether they
 * come from a member of the swarm. When it is used up the connection that holds the most is cut.
 */
final class UnreadBytes {
  private final int max;
  private final IdentityHashMap<Socket, Integer> held = new IdentityHashMap<>();
  private long total;

  UnreadBytes(int max) {
    this.max = max;
  }

  /** A connection needs this much in all; false if it is itself the one to be cut. */
  synchronized boolean hold(Socket socket, int bytes) {
    release(socket);
    while (total + bytes > max) {
      Socket largest = largest();
      if (largest == null || held.getOrDefault(largest, 0) <= bytes) {
        return false;
      }
      release(largest);
      try {
        largest.close();
      } catch (IOException fault) {
        throw new IllegalStateException("cutting off a connection", fault);
      }
    }
    held.put(socket, bytes);
    total += bytes;
    return true;
  }

  private @Nullable Socket largest() {
    return held.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(null);
  }

  synchronized void release(Socket socket) {
    Integer bytes = held.remove(socket);
    if (bytes != null) {
      total -= bytes;
    }
  }

  synchronized long total() {
    return total;
  }
}
