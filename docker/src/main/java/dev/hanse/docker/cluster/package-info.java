/**
 * Ring: driver. What Docker's API has no word for: saving a cluster and bringing it back. Routes
 * below {@code /hanse/v1}, used by {@code hanse cluster}; start reading at {@link
 * dev.hanse.docker.cluster.ClusterRoutes}.
 */
@NullMarked
package dev.hanse.docker.cluster;

import org.jspecify.annotations.NullMarked;
