/**
 * Driver: packet filter rulesets through libnftables (libnftables(3)). Start reading at {@link
 * dev.hanse.kernel.nftables.Nftables}.
 */
@NullMarked
package dev.hanse.kernel.nftables;

import org.jspecify.annotations.NullMarked;
