package dev.hanse.network;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.endpoints.NetworkEntry;
import java.util.Set;

/**
 * What the planner must know about the node itself.
 *
 * @param nodeId this node's id
 * @param dataPathAddress local address of VXLAN
 * @param vxlanPort UDP port of VXLAN
 * @param underlayMtu of the link that carries VXLAN
 * @param egress the egress bridge's address with prefix length; tasks' egress addresses are in the
 *     same subnet
 * @param controlPorts of the cluster and the API on this node, TCP and UDP; not for containers
 * @param nodeAddresses of all nodes of the swarm, as far as they were heard of
 * @param forwardsOnlyOurs whether the host forwards packets for our sake alone
 */
public record NodeFacts(
    String nodeId,
    Ipv4Address dataPathAddress,
    int vxlanPort,
    int underlayMtu,
    Ipv4Subnet egress,
    Set<Integer> controlPorts,
    Set<Ipv4Address> nodeAddresses,
    boolean forwardsOnlyOurs) {

  /** Copies the sets. */
  public NodeFacts {
    controlPorts = Set.copyOf(controlPorts);
    nodeAddresses = Set.copyOf(nodeAddresses);
  }

  /** What VXLAN over IPv4 adds to a packet, in bytes. */
  public static final int VXLAN_OVERHEAD = 50;

  /** The largest packet of a network. */
  public int mtu(NetworkEntry network) {
    return network.mtu().orElse(underlayMtu - VXLAN_OVERHEAD);
  }
}
