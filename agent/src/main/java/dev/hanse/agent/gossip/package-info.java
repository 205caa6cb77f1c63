/**
 * Driver: the sockets, clock and randomness for this node's part in the gossip on UDP and TCP 7946,
 * all of it sealed with the swarm's keys.
 *
 * <p>Start at {@link dev.hanse.agent.gossip.GossipLoop}; what is sent over the wire is sealed by
 * {@link dev.hanse.agent.gossip.Envelope}. What is decided is in {@link dev.hanse.gossip.Gossip}.
 */
@NullMarked
package dev.hanse.agent.gossip;

import org.jspecify.annotations.NullMarked;
