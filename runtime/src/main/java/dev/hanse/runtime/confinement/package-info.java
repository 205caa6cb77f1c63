/**
 * Ring: driver. What of this host keeps containers in besides the kernel's namespaces: the AppArmor
 * profile ({@link dev.hanse.runtime.confinement.AppArmor}) and programs without known holes ({@link
 * dev.hanse.runtime.confinement.KnownEscapes}, the table of the least versions).
 *
 * <p>Start reading at {@link dev.hanse.runtime.confinement.HostSafety}.
 */
@NullMarked
package dev.hanse.runtime.confinement;

import org.jspecify.annotations.NullMarked;
