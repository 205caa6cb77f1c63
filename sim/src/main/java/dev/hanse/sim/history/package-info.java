/**
 * Ring: test. Were concurrent operations what they would have been one after the other? Knows
 * nothing of the simulator: histories of real daemons can be checked just so. Start reading at
 * {@link dev.hanse.sim.history.Linearizability}.
 */
@NullMarked
package dev.hanse.sim.history;

import org.jspecify.annotations.NullMarked;
