package dev.hanse.network;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.endpoints.MacAddress;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What a task's own namespace should contain.
 *
 * @param links in the order of their names
 * @param defaultRoute the way out
 * @param replies for each entry node of the routing mesh the way back, by connection mark
 * @param initialSysctls to be set before the links are made, and never again; keys with slashes,
 *     relative to {@code /proc/sys}
 * @param ruleset the whole nft table as text
 * @param translations to whom the ruleset sends first packets
 */
public record TaskState(
    List<Link> links,
    Optional<DefaultRoute> defaultRoute,
    SortedMap<Integer, Reply> replies,
    SortedMap<String, String> initialSysctls,
    String ruleset,
    Translations translations) {

  /**
   * A pair of links: one end here, the other a port of a bridge in the host's namespace.
   *
   * @param name inside the namespace
   * @param hostName of the other end
   * @param bridge the bridge's name
   * @param mac inside the namespace; empty to let the kernel choose
   * @param address inside the namespace
   * @param mtu in bytes
   * @param isolated may it talk to other isolated ports of the bridge? Not when true.
   */
  public record Link(
      String name,
      String hostName,
      String bridge,
      Optional<MacAddress> mac,
      Ipv4Subnet address,
      int mtu,
      boolean isolated) {}

  /**
   * The default route.
   *
   * @param gateway next hop
   * @param link through which
   * @param source preferred source address
   */
  public record DefaultRoute(Ipv4Address gateway, String link, Ipv4Address source) {}

  /**
   * The default route of one routing table, chosen by a connection's mark.
   *
   * @param table the routing table's number
   * @param gateway the entry node's own address in the mesh's network
   * @param link through which
   */
  public record Reply(int table, Ipv4Address gateway, String link) {}
}
