/**
 * Ring: test. A seeded world in which the real deciders run, and checkers. Real are: the control
 * step, the dispatcher, the store, the membership plan, the task tables of the nodes, the gossip
 * and what nodes make of it. Simulated are: time, network, disks, the log, containers. Start
 * reading at {@link dev.hanse.sim.life.Simulation}.
 */
@NullMarked
package dev.hanse.sim;

import org.jspecify.annotations.NullMarked;
