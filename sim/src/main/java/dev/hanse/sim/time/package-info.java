/**
 * Ring: test. Virtual time and the processes that live in it. Start reading at {@link
 * dev.hanse.sim.time.Timeline}.
 */
@NullMarked
package dev.hanse.sim.time;

import org.jspecify.annotations.NullMarked;
