/**
 * Ring: driver. What an image consists of: its name, manifest, configuration and layers, as
 * documents and as blobs in containerd's content store.
 *
 * <p>Start reading at {@link dev.hanse.runtime.content.Manifest}; {@link
 * dev.hanse.runtime.content.ImageWriter} puts one there.
 */
@NullMarked
package dev.hanse.runtime.content;

import org.jspecify.annotations.NullMarked;
