/**
 * Ring: driver. The replicated log: bytes in, an index out once they are on disk and applied.
 *
 * <p>Behind the small port {@link dev.hanse.raft.ReplicatedLog} stands Apache Ratis; no other
 * module sees its types. Start reading at the port, then {@link dev.hanse.raft.RatisLog} (life
 * cycle). What lies on the disk is in {@code log} ({@link dev.hanse.raft.log.SegmentScan}: what is
 * checked before it is opened), how members call each other in {@code peer}.
 */
@NullMarked
package dev.hanse.raft;

import org.jspecify.annotations.NullMarked;
