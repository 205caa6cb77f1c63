/**
 * Ring: driver. Messages of the replicated log between managers: gRPC service {@code hanse.v1.Raft}
 * on the managers' port. Start reading at {@link dev.hanse.manager.peers.PeerChannels} (calling)
 * and {@link dev.hanse.manager.peers.RaftService} (called).
 */
@NullMarked
package dev.hanse.manager.peers;

import org.jspecify.annotations.NullMarked;
