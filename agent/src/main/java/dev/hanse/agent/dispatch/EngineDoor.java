package dev.hanse.agent.dispatch;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** The way to the part of this node's Docker Engine API that managers may use. */
@FunctionalInterface
public interface EngineDoor {
  /**
   * A new connection, for one request.
   *
   * @throws IOException if the API does not listen
   */
  SocketChannel open() throws IOException;
}
