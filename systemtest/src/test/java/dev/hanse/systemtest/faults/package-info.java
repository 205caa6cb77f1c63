/**
 * Test: makes the turns of a daemon's threads throw, from inside of its process. The product has no
 * part in it: a Java agent that a test starts the daemon with changes the classes of turns as they
 * are loaded.
 *
 * <p>Start reading at {@link dev.hanse.systemtest.faults.TurnFaults}, which the daemon runs; tests
 * talk to it by {@link dev.hanse.systemtest.faults.FaultyHost}.
 */
@NullMarked
package dev.hanse.systemtest.faults;

import org.jspecify.annotations.NullMarked;
