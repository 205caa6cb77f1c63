/**
 * Ring: port. All that an API sees of the cluster, whichever API it is: {@link
 * dev.hanse.cluster.ClusterAccess}. A manager implements it; an API translates between it and its
 * own requests and texts, and decides nothing.
 */
@NullMarked
package dev.hanse.cluster;

import org.jspecify.annotations.NullMarked;
