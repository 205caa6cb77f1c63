/**
 * Ring: driver. The one writer: {@link dev.hanse.manager.loop.ControlLoop} decides commands and
 * runs the passes on one thread and proposes what comes of them to the replicated log.
 */
@NullMarked
package dev.hanse.manager.loop;

import org.jspecify.annotations.NullMarked;
