package dev.hanse.network;

import java.util.OptionalInt;

/**
 * A network.
 *
 * @param id the network's id
 * @param name the network's name
 * @param vni VXLAN network identifier
 * @param ingress is it the network of the routing mesh?
 * @param internal without a way out
 * @param mtu asked for by the driver option; empty to derive it from the underlay
 * @param opensControlPorts may its containers reach the cluster's ports of nodes?
 * @param foreignAddresses may its containers send from IP addresses that are not theirs?
 */
public record NetworkEntry(
    String id,
    String name,
    int vni,
    boolean ingress,
    boolean internal,
    OptionalInt mtu,
    boolean opensControlPorts,
    boolean foreignAddresses) {}
