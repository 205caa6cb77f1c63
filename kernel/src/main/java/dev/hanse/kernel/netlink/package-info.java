/**
 * Driver: how the network settings of one namespace are read and altered, over rtnetlink(7), and
 * what the packet filter keeps of flows. Own encoder and decoder; the settings themselves are in
 * {@code network}.
 *
 * <p>Start reading at {@link dev.hanse.kernel.netlink.Netlink}. A wanted alteration is a {@link
 * dev.hanse.kernel.netlink.Change}, made by {@code Links}, {@code Addresses}, {@code Routes},
 * {@code Rules}, {@code Neighbours}, {@code ForwardingEntries} and {@code BridgePorts}.
 */
@NullMarked
package dev.hanse.kernel.netlink;

import org.jspecify.annotations.NullMarked;
