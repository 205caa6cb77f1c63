/**
 * Ring: decider. Chooses a node for each task that has none, or says why there is none. Start
 * reading at {@link dev.hanse.control.scheduler.Scheduler}.
 */
@NullMarked
package dev.hanse.control.scheduler;

import org.jspecify.annotations.NullMarked;
