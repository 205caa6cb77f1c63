/**
 * Ring: driver. The replicated log: bytes in, an index out once they are on disk and applied.
 *
 * <p>Behind the small port {@link dev.hanse.raft.ReplicatedLog} stands Apache Ratis; no other
 * module sees its types. Start reading at the port, then {@link dev.hanse.raft.RatisLog} (life
 * cycle), {@link dev.hanse.raft.SegmentScan} (what is checked before the log is opened) and {@link
 * dev.hanse.raft.PeerRpcType} (how members call each other).
 */
@NullMarked
package dev.hanse.raft;

import org.jspecify.annotations.NullMarked;
