/**
 * Driver: mounts, FIFOs, owners and locks of files, where Java has no call for it. Start reading at
 * {@link dev.hanse.kernel.file.Mounts}; for anything below a directory that a container can write
 * at {@link dev.hanse.kernel.file.DirectoryHandle}.
 */
@NullMarked
package dev.hanse.kernel.file;

import org.jspecify.annotations.NullMarked;
