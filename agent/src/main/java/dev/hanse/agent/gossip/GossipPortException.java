package dev.hanse.agent.gossip;

import java.io.IOException;

/** The gossip's port cannot be used; the message names it and says what to do. */
public final class GossipPortException extends IOException {
  GossipPortException(String protocol, String address, int port, IOException cause) {
    super(
        "cannot listen on "
            + protocol
            + " port "
            + port
            + " (gossip between nodes) at "
            + address
            + ": "
            + cause.getMessage()
            + "; find the program that has it with: ss -lpn 'sport = :"
            + port
            + "'",
        cause);
  }
}
