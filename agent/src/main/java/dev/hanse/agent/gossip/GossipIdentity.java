package dev.hanse.agent.gossip;

import java.net.InetAddress;

/**
 * This node in the gossip.
 *
 * @param nodeId the swarm's id of the node
 * @param listen where to listen; the wildcard address for all of the host's
 * @param advertised where others reach it: a literal address
 * @param port the same for UDP and TCP, listening and advertised
 */
public record GossipIdentity(String nodeId, InetAddress listen, InetAddress advertised, int port) {
  /** What IANA's registry and Docker have for it. */
  public static final int DEFAULT_PORT = 7946;

  /** Checks the port. */
  public GossipIdentity {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("gossip port " + port);
    }
  }

  /** {@code IP:PORT} as others know it. */
  public String address() {
    return Addresses.text(advertised, port);
  }
}
