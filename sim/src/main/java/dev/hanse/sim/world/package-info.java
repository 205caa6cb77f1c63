/**
 * Ring: test. Hosts with managers, nodes and containers, people who work with them, and what goes
 * wrong. Start reading at {@link dev.hanse.sim.world.Simulation}.
 */
@NullMarked
package dev.hanse.sim.world;

import org.jspecify.annotations.NullMarked;
