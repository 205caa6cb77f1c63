package dev.hanse.gossip;

/**
 * What has happened since the start.
 *
 * @param malformed packets that are none
 * @param unknownVersion packets of another version of the protocol
 * @param unknownKind packets of a kind that this version does not know
 * @param membersRefused nodes not taken in because there are too many
 * @param beyond statements with a number that their member cannot have
 * @param suspicions nodes that this one has suspected by its own evidence
 * @param deaths nodes that this one has declared dead
 * @param refutations statements about this node that it has contradicted
 * @param late how often this node was stopped or starved for a while
 */
public record GossipCounters(
    long malformed,
    long unknownVersion,
    long unknownKind,
    long membersRefused,
    long beyond,
    long suspicions,
    long deaths,
    long refutations,
    long late) {}
