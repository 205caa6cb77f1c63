/**
 * Driver: links, addresses, routes, rules, neighbours and bridge forwarding entries of one network
 * namespace, over rtnetlink(7). Own encoder and decoder.
 *
 * <p>Start reading at {@link dev.hanse.kernel.netlink.Netlink}. A wanted alteration is a {@link
 * dev.hanse.kernel.netlink.Change}, made by {@code Links}, {@code Addresses}, {@code Routes},
 * {@code Rules}, {@code Neighbours}, {@code ForwardingEntries} and {@code BridgePorts}.
 */
@NullMarked
package dev.hanse.kernel.netlink;

import org.jspecify.annotations.NullMarked;
