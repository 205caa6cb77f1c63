package dev.hanse.network;

import java.util.Optional;

/**
 * A node that takes part in a network.
 *
 * @param nodeId the node's id
 * @param dataPathAddress where its VXLAN listens
 * @param own its own address and hardware address in the network; empty where nodes have none
 */
public record Peer(String nodeId, Ipv4Address dataPathAddress, Optional<Own> own) {

  /**
   * A node's own place in a network: its bridge.
   *
   * @param address with prefix length
   * @param mac of the bridge
   * @param ordinal 1 to 65535: connection mark of connections that enter through it
   */
  public record Own(Ipv4Subnet address, MacAddress mac, int ordinal) {}
}
