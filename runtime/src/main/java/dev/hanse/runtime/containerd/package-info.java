/**
 * Ring: driver. This is the process containerd and the gRPC connection to it.
 *
 * <p>Start reading at {@link dev.hanse.runtime.containerd.ContainerdProcess} (who runs it) and
 * {@linkn * dev.hanse.runtime.containerd.ContainerdClient} (the calls).
 */
@NullMarked
package dev.hanse.runtime.containerd;

import org.jspecify.annotations.NullMarked;
