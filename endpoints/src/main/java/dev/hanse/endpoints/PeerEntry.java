package dev.hanse.endpoints;

import java.util.Optional;

/**
 * A node that takes part in a network.
 *
 * @param nodeId the node's id
 * @param dataPathAddress where its VXLAN listens
 * @param own its own address and hardware address in the network; empty where nodes have none
 */
public record PeerEntry(String nodeId, Ipv4Address dataPathAddress, Optional<Own> own)
    implements Entry {

  /**
   * A node's own place in a network: its bridge.
   *
   * @param address with prefix length
   * @param mac of the bridge
   * @param ordinal 1 to 65535: connection mark of connections that enter through it
   */
  public record Own(Ipv4Subnet address, MacAddress mac, int ordinal) {
    private static final int ORDINAL_MAX = 65_535;

    /** Reads a place; empty when a part of it makes no sense. */
    public static Optional<Own> parse(String address, String mac, int ordinal) {
      if (ordinal < 1 || ordinal > ORDINAL_MAX) {
        return Optional.empty();
      }
      return Ipv4Subnet.parse(address)
          .flatMap(
              subnet -> MacAddress.parse(mac).map(hardware -> new Own(subnet, hardware, ordinal)));
    }
  }

  @Override
  public Key key() {
    return new Key(Kind.PEER, nodeId);
  }
}
