/**
 * Driver: signals, identity and launch of processes. Start reading at {@link
 * dev.hanse.kernel.process.Processes}.
 */
@NullMarked
package dev.hanse.kernel.process;

import org.jspecify.annotations.NullMarked;
