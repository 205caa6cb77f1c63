/**
 * Ring: test. The life of a swarm in a seeded world: its founding, people who work with it
 * (clients, and an operator who changes who belongs to it), what goes wrong, and what must be true
 * in the end.
 *
 * <p>Start reading at {@link dev.hanse.sim.life.Simulation}.
 */
@NullMarked
package dev.hanse.sim.life;

import org.jspecify.annotations.NullMarked;
