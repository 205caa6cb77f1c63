/**
 * Ring: driver. What only the leader runs, made anew for each term in which this manager leads:
 * {@link dev.hanse.manager.leader.LeaderTerms} begins and ends it as the control loop gains and
 * loses the right to write, {@link dev.hanse.manager.leader.LeaderTerm} wires its parts, {@link
 * dev.hanse.manager.leader.LeaderPart} is the form of a further part. Start reading at LeaderTerm.
 */
@NullMarked
package dev.hanse.manager.leader;

import org.jspecify.annotations.NullMarked;
