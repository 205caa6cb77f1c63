/**
 * Ring: test. The world: hosts with managers, nodes and containers, and how they are asked. Who
 * lives in it is in {@code life}.
 *
 * <p>Start reading at {@link dev.hanse.sim.world.World}, then {@link dev.hanse.sim.world.Host}.
 */
@NullMarked
package dev.hanse.sim.world;

import org.jspecify.annotations.NullMarked;
