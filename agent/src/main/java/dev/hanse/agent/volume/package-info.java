/**
 * Driver: the local volumes of this node, directories that outlive containers.
 *
 * <p>Start at {@link dev.hanse.agent.volume.Volumes}. What can go wrong is in {@link
 * dev.hanse.agent.volume.VolumeException}.
 */
@NullMarked
package dev.hanse.agent.volume;

import org.jspecify.annotations.NullMarked;
