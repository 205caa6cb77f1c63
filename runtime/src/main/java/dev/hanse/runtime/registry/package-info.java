/**
 * Ring: driver. A client of the distribution protocol (the OCI distribution specification): asks
 * registries for manifests and blobs, logs in where they want it.
 *
 * <p>Start reading at {@link dev.hanse.runtime.registry.Registries}.
 */
@NullMarked
package dev.hanse.runtime.registry;

import org.jspecify.annotations.NullMarked;
