package dev.hanse.agent.dispatch;

import io.grpc.ManagedChannel;
import java.io.IOException;

/** Opens connections to managers with this node's certificate. */
@FunctionalInterface
public interface ManagerChannels {
  /**
   * A new channel, closed by who asked for it.
   *
   * @param address {@code HOST:PORT}
   * @throws IOException when the node's own certificate cannot be used
   */
  ManagedChannel open(String address) throws IOException;
}
