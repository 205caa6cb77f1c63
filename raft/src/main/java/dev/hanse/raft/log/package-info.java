/**
 * Ring: driver. The log as it lies on the disk: its directory, segments and snapshots, the keys
 * that seal them, and who takes part. Start reading at {@link dev.hanse.raft.log.LogSettings}, then
 * {@link dev.hanse.raft.log.LogDirectory}.
 */
@NullMarked
package dev.hanse.raft.log;

import org.jspecify.annotations.NullMarked;
