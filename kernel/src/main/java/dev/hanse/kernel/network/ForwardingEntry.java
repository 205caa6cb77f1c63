package dev.hanse.kernel.network;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where frames to an Ethernet address go.
 *
 * @param index the interface: a bridge's port, or a VXLAN
 * @param mac the receiver; {@link MacAddress#ZERO} on a VXLAN: flooded frames
 * @param destination on a VXLAN: the outer address that frames are sent to
 * @param port on a VXLAN: the outer port, if not that of the interface
 * @param self whether it is the VXLAN's own entry; else it is its bridge's
 * @param permanent whether it was set for good; else it was learned and ages
 */
public record ForwardingEntry(
    int index,
    MacAddress mac,
    Optional<InetAddress> destination,
    OptionalInt port,
    boolean self,
    boolean permanent) {
  /** A permanent entry of a VXLAN: frames to that receiver are sent to that outer address. */
  public static ForwardingEntry ofVxlan(int index, MacAddress mac, InetAddress destination) {
    return new ForwardingEntry(
        index, mac, Optional.of(destination), OptionalInt.empty(), true, true);
  }

  /** A permanent entry of the bridge: frames to that receiver leave by that port. */
  public static ForwardingEntry ofBridge(int index, MacAddress mac) {
    return new ForwardingEntry(index, mac, Optional.empty(), OptionalInt.empty(), false, true);
  }
}
