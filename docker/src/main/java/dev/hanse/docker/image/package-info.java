/**
 * Driver ring: the images of this node, as archives too, and what is asked of registries through
 * it. Start at {@link dev.hanse.docker.image.ImageRoutes}.
 */
@NullMarked
package dev.hanse.docker.image;

import org.jspecify.annotations.NullMarked;
