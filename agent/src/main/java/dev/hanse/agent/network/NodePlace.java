package dev.hanse.agent.network;

import dev.hanse.network.Ipv4Address;

/**
 * This node's place in the swarm's networks.
 *
 * @param nodeId this node's id
 * @param dataPathAddress local address of VXLAN
 * @param vxlanPort UDP port of VXLAN, usually 4789
 */
public record NodePlace(String nodeId, Ipv4Address dataPathAddress, int vxlanPort) {
  /** The port that IANA gave to VXLAN. */
  public static final int DEFAULT_VXLAN_PORT = 4789;

  /** Checks the port. */
  public NodePlace {
    if (vxlanPort < 1 || vxlanPort > 65_535) {
      throw new IllegalArgumentException("VXLAN port " + vxlanPort);
    }
  }
}
