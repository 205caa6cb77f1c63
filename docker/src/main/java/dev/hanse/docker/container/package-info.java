/**
 * Driver ring: the containers of this node as Docker's API shows and controls them: lists, details,
 * life cycle, statistics. They are those of the swarm's tasks.
 *
 * <p>Start reading at {@link dev.hanse.docker.container.NodeContainer}: what a container is to the
 * API, its state and its task together.
 */
@NullMarked
package dev.hanse.docker.container;

import org.jspecify.annotations.NullMarked;
