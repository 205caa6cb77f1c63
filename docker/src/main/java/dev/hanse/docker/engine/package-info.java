/**
 * Driver ring: the part of the Docker Engine API that is about this node alone. {@link
 * dev.hanse.docker.engine.Engine} adds all its routes; those of containers, images and streams have
 * packages of their own, the small rest is here: volumes, disk usage, what is refused.
 */
@NullMarked
package dev.hanse.docker.engine;

import org.jspecify.annotations.NullMarked;
