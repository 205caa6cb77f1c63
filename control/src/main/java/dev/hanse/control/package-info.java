/**
 * Ring: decider. What the cluster shall look like: commands are decided here, and the passes turn
 * the committed state into the next changes. No clock, socket, file, thread or randomness of its
 * own: time and random numbers come in with a {@link dev.hanse.control.Context}. Start reading at
 * {@link dev.hanse.control.decision.Commands} and {@link dev.hanse.control.Passes}.
 */
@NullMarked
package dev.hanse.control;

import org.jspecify.annotations.NullMarked;
