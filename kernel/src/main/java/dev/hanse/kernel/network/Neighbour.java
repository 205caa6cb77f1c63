package dev.hanse.kernel.network;

import java.net.InetAddress;

/**
 * Which Ethernet address an IP address has on an interface.
 *
 * @param index the interface
 * @param address the IP address
 * @param mac the Ethernet address
 * @param permanent whether it was set for good; else it was learned and ages
 */
public record Neighbour(int index, InetAddress address, MacAddress mac, boolean permanent) {
  /** A permanent entry. */
  public static Neighbour of(int index, InetAddress address, MacAddress mac) {
    return new Neighbour(index, address, mac, true);
  }
}
