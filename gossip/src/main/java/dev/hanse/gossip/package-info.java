/**
 * Decider: which nodes are alive, found out by the nodes among themselves. SWIM (Das, Gupta,
 * Motivala 2002) with Lifeguard (Dadgar, Phillips, Currey 2018). No clock, socket, thread or
 * randomness of its own: what has happened goes in, {@link dev.hanse.gossip.Effect}s come out.
 *
 * <p>Start at {@link dev.hanse.gossip.Gossip}; the wire format is in {@link
 * dev.hanse.gossip.MessageCodec}; the times are in {@link dev.hanse.gossip.GossipParameters}.
 */
@NullMarked
package dev.hanse.gossip;

import org.jspecify.annotations.NullMarked;
