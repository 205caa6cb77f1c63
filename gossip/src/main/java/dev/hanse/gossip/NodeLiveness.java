package dev.hanse.gossip;

import java.time.Instant;

/**
 * What is known of one node.
 *
 * @param state what is thought of it
 * @param since when that began, as seen by this node; a state heard of when joining begins when it
 *     began for those who told
 * @param address where it gossips, {@code IP:PORT}
 * @param incarnation grows when the node restarts and when it answers a suspicion
 * @param machineAnswers of a suspect: its machine accepts or refuses connections although the
 *     daemon does not answer, so its containers are likely to be reached; false otherwise
 */
public record NodeLiveness(
    MemberState state, Instant since, String address, long incarnation, boolean machineAnswers) {}
