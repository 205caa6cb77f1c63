package dev.hanse.kernel.network;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * An interface as the kernel lists it.
 *
 * @param index the kernel's number of it, within its namespace
 * @param name such as {@code eth0}
 * @param kind {@code bridge}, {@code veth}, {@code vxlan}, …; empty for real hardware and lo
 * @param mac its Ethernet address; empty if it has none
 * @param mtu largest packet, bytes
 * @param master index of the bridge that it is a port of
 * @param up whether it is switched on (not whether a carrier is there)
 * @param alias the free text that somebody put on it
 * @param peer of a veth: the index of its other end, within that end's namespace
 * @param vxlan of a VXLAN: its details
 */
public record Link(
    int index,
    String name,
    Optional<String> kind,
    Optional<MacAddress> mac,
    int mtu,
    OptionalInt master,
    boolean up,
    Optional<String> alias,
    OptionalInt peer,
    Optional<Vxlan> vxlan) {
  /** Whether it is of that kind. */
  public boolean isKind(String name) {
    return kind.isPresent() && kind.get().equals(name);
  }
}
