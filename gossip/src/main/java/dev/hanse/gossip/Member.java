package dev.hanse.gossip;

/**
 * A node as it introduces itself.
 *
 * @param nodeId the swarm's id of the node
 * @param address where it receives, {@code IP:PORT}
 * @param incarnation to tell newer statements about it from older ones; only the node itself raises
 *     it
 */
public record Member(String nodeId, String address, long incarnation) {}
