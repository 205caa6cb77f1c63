/**
 * Driver: the network settings of one namespace as values: links, addresses, routes, rules,
 * neighbours, bridge forwarding entries and tracked flows. Touches no kernel.
 *
 * <p>Start reading at {@link dev.hanse.kernel.network.Link} (what is there) and {@link
 * dev.hanse.kernel.network.NewLink} (what is to be made).
 */
@NullMarked
package dev.hanse.kernel.network;

import org.jspecify.annotations.NullMarked;
