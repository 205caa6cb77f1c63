/**
 * Ring: driver. Images as tar archives, read within limits: saved, loaded and imported.
 *
 * <p>Start reading at {@link dev.hanse.runtime.archive.ArchiveLoader}.
 */
@NullMarked
package dev.hanse.runtime.archive;

import org.jspecify.annotations.NullMarked;
