/**
 * Ring: driver. Processes in containers: their standard streams, what is sent to them, how they
 * end.
 *
 * <p>Start reading at {@link dev.hanse.runtime.process.StandardStreams} and {@link
 * dev.hanse.runtime.process.ExecProcess}.
 */
@NullMarked
package dev.hanse.runtime.process;

import org.jspecify.annotations.NullMarked;
