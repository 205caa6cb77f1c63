package dev.hanse.gossip;

import java.util.Optional;

/**
 * A statement about a node.
 *
 * @param about the node, with the incarnation that the statement is about
 * @param accuser of a suspicion: who has evidence of its own; empty for other states
 * @param evidence of a suspicion: how the accuser's question over TCP has ended
 * @param ageMs in a complete exchange: how long the state has lasted; else 0
 */
record Update(
    Member about, MemberState state, Optional<String> accuser, StreamOutcome evidence, long ageMs) {

  static Update of(Member about, MemberState state) {
    return new Update(about, state, Optional.empty(), StreamOutcome.UNREACHABLE, 0);
  }

  static Update suspicion(Member about, String accuser, StreamOutcome evidence) {
    return new Update(about, MemberState.SUSPECT, Optional.of(accuser), evidence, 0);
  }

  String nodeId() {
    return about.nodeId();
  }

  long incarnation() {
    return about.incarnation();
  }

  /** Does this one make the other worthless? Both are about the same node. */
  boolean supersedes(Update other) {
    return incarnation() != other.incarnation()
        ? incarnation() > other.incarnation()
        : state.compareTo(other.state) > 0;
  }
}
