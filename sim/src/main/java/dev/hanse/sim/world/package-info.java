/**
 * Ring: test. Hosts with managers, nodes and containers, people who work with them (clients, and an
 * operator who changes who belongs to the swarm), and what goes wrong. Start reading at {@link
 * dev.hanse.sim.world.Simulation}.
 */
@NullMarked
package dev.hanse.sim.world;

import org.jspecify.annotations.NullMarked;
