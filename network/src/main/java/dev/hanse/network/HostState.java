package dev.hanse.network;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.endpoints.MacAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What the host's namespace should contain.
 *
 * @param bridges by name
 * @param vxlans by name
 * @param sysctls keys with slashes, relative to {@code /proc/sys}
 * @param forwards whether there is anything that packets are forwarded for
 * @param ruleset the whole nft table as text
 * @param guards further nft tables, changed in place
 * @param translations to whom the ruleset sends first packets
 */
public record HostState(
    SortedMap<String, Bridge> bridges,
    SortedMap<String, Vxlan> vxlans,
    SortedMap<String, String> sysctls,
    boolean forwards,
    String ruleset,
    List<KeptTable> guards,
    Translations translations) {

  /**
   * A bridge.
   *
   * @param mtu in bytes
   * @param mac its hardware address; empty to let the kernel choose
   * @param address its address; empty for a bridge that the host itself has no part in
   */
  public record Bridge(int mtu, Optional<MacAddress> mac, Optional<Ipv4Subnet> address) {}

  /**
   * A VXLAN link: a port of a bridge, without learning; it answers address requests from its
   * neighbour entries and forwards by its forwarding entries, so that nothing is ever flooded.
   *
   * @param bridge the bridge's name
   * @param vni VXLAN network identifier
   * @param local source address of the tunnel
   * @param port UDP port
   * @param mtu in bytes
   * @param forwarding hardware address to the node that has it
   * @param neighbours address to hardware address
   */
  public record Vxlan(
      String bridge,
      int vni,
      Ipv4Address local,
      int port,
      int mtu,
      Map<MacAddress, Ipv4Address> forwarding,
      Map<Ipv4Address, MacAddress> neighbours) {}
}
