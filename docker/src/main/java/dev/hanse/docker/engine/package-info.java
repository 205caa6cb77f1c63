/**
 * Driver ring: the part of the Docker Engine API that is about this node alone: containers, exec,
 * images, volumes, statistics. The containers are those of the swarm's tasks.
 *
 * <p>Start reading at {@link dev.hanse.docker.engine.Engine}, which adds all routes. What a
 * container is to the API, its state and its task together, is {@link
 * dev.hanse.docker.engine.NodeContainer}.
 */
@NullMarked
package dev.hanse.docker.engine;

import org.jspecify.annotations.NullMarked;
