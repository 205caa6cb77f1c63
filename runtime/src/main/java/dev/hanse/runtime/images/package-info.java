/**
 * Ring: driver. This host's images: names, list, removal, and pulls from registries. What an image
 * consists of is in {@code content}, its form as a tar archive in {@code archive}.
 *
 * <p>Start reading at {@link dev.hanse.runtime.images.Images}.
 */
@NullMarked
package dev.hanse.runtime.images;

import org.jspecify.annotations.NullMarked;
