package dev.hanse.agent.network;

import dev.hanse.agent.gossip.GossipIdentity;
import dev.hanse.endpoints.Ipv4Address;
import java.util.Set;

/**
 * This node's place in the swarm's networks.
 *
 * @param nodeId this node's id
 * @param dataPathAddress local address of VXLAN
 * @param vxlanPort UDP port of VXLAN, usually 4789
 * @param controlPorts where managers and gossip listen, TCP and UDP
 */
public record NodePlace(
    String nodeId, Ipv4Address dataPathAddress, int vxlanPort, Set<Integer> controlPorts) {
  /** The port that IANA gave to VXLAN. */
  public static final int DEFAULT_VXLAN_PORT = 4789;

  /** Where managers listen unless they are told otherwise. */
  public static final int DEFAULT_CLUSTER_PORT = 2377;

  /** With the usual ports of managers and gossip. */
  public NodePlace(String nodeId, Ipv4Address dataPathAddress, int vxlanPort) {
    this(
        nodeId,
        dataPathAddress,
        vxlanPort,
        Set.of(DEFAULT_CLUSTER_PORT, GossipIdentity.DEFAULT_PORT));
  }

  /** Checks the port. */
  public NodePlace {
    if (vxlanPort < 1 || vxlanPort > 65_535) {
      throw new IllegalArgumentException("VXLAN port " + vxlanPort);
    }
    controlPorts = Set.copyOf(controlPorts);
  }
}
