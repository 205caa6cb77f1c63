/**
 * Ring: test. What must hold: at every moment, between replicas, after a healing. Each checker
 * throws a {@link dev.hanse.sim.check.Violation}.
 */
@NullMarked
package dev.hanse.sim.check;

import org.jspecify.annotations.NullMarked;
