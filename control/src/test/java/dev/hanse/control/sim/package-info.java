/**
 * A seeded world for the deciders: time, nodes and faults as data. Start reading at {@link
 * dev.hanse.control.sim.World}.
 */
@NullMarked
package dev.hanse.control.sim;

import org.jspecify.annotations.NullMarked;
