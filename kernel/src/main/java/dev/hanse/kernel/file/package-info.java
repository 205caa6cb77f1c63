/**
 * Driver: mounts, FIFOs, owners and locks of files, where Java has no call for it. Start reading at
 * {@link dev.hanse.kernel.file.Mounts}.
 */
@NullMarked
package dev.hanse.kernel.file;

import org.jspecify.annotations.NullMarked;
