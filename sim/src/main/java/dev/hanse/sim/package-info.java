/**
 * Ring: test. A seeded world in which the real deciders run, and checkers. Start reading at {@link
 * dev.hanse.sim.world.Simulation}.
 */
@NullMarked
package dev.hanse.sim;

import org.jspecify.annotations.NullMarked;
