package dev.hanse.agent.gossip;

import dev.hanse.gossip.GossipCounters;

/**
 * What came and went since this node joined, and what was dropped.
 *
 * @param sent datagrams sent
 * @param sentBytes without the headers of IP and UDP
 * @param received datagrams received, dropped ones included
 * @param receivedBytes of these
 * @param forged sealed with none of our keys although a key's name fits, or changed on the way, or
 *     meant for another address
 * @param unknownKey sealed with a key that this node does not have
 * @param replayed received before
 * @param stale sealed by a clock too far from ours
 * @param oversized longer than a datagram may be
 * @param unknownVersion of another version of the sealed form
 * @param limited dropped unread because their source sends too much
 * @param faults messages and rounds that ended in a fault of this program
 * @param core what the core has counted
 */
public record GossipTraffic(
    long sent,
    long sentBytes,
    long received,
    long receivedBytes,
    long forged,
    long unknownKey,
    long replayed,
    long stale,
    long oversized,
    long unknownVersion,
    long limited,
    long faults,
    GossipCounters core) {}
