/**
 * Ring: driver. What a node does with containerd: images, containers, their processes, output and
 * numbers. It knows nothing of services or tasks.
 *
 * <p>Start reading at {@link dev.hanse.runtime.ContainerRuntime}; images are in {@code images},
 * containers in {@code containers}, the OCI runtime specification in {@code spec}, and the
 * connection to containerd in {@code containerd}.
 */
@NullMarked
package dev.hanse.runtime;

import org.jspecify.annotations.NullMarked;
