/**
 * Ring: driver. This is from {@link dev.hanse.runtime.spec.ContainerSettings} to the OCI runtime
 * specification thatn * runc executes. It reads a few facts of the host (devices, kernel limits)
 * and does nothing else.
 *
 * <p>Start reading at {@link dev.hanse.runtime.spec.RuntimeSpec}.
 */
@NullMarked
package dev.hanse.runtime.spec;

import org.jspecify.annotations.NullMarked;
