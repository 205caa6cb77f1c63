/**
 * Ring: driver. What only the leader runs, made anew for each reign: {@link
 * dev.hanse.manager.reign.Reigns} begins and ends one as the control loop gains and loses the right
 * to write, {@link dev.hanse.manager.reign.Reign} wires its parts, {@link
 * dev.hanse.manager.reign.LeaderPart} is the form of a further part. Start reading at Reign.
 */
@NullMarked
package dev.hanse.manager.reign;

import org.jspecify.annotations.NullMarked;
