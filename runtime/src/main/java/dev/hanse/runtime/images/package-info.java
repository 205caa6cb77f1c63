/**
 * Ring: driver. This is images: names, list, load, import, save and pull from registries.
 *
 * <p>Start reading at {@link dev.hanse.runtime.images.Images}.
 */
@NullMarked
package dev.hanse.runtime.images;

import org.jspecify.annotations.NullMarked;
