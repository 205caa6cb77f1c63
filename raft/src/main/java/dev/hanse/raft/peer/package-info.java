/**
 * Ring: driver. How members reach each other: Ratis' calls over the port {@link
 * dev.hanse.raft.peer.PeerTransport}, snapshots that are fetched, and when a silent leader is
 * suspected. Start reading at {@link dev.hanse.raft.peer.Peers}.
 */
@NullMarked
package dev.hanse.raft.peer;

import org.jspecify.annotations.NullMarked;
