package dev.hanse.gossip;

import org.jspecify.annotations.Nullable;

/** What this node holds about another one. Times are the driver's milliseconds. */
final class KnownMember {
  /** Long before anything. */
  static final long NEVER = Long.MIN_VALUE / 4;

  final String nodeId;

  /** Where it stands on the ring of {@link ProbeOrder}. */
  final long ringPlace;

  String address;
  long incarnation;
  MemberState state;
  long sinceMs;

  /** When a packet of its own making came here. */
  long heardMs = NEVER;

  /** With which incarnation it introduced itself then. */
  long heardIncarnation = Long.MAX_VALUE;

  /** Has it answered a question of this node? Until then it may be an invention of another. */
  boolean proven;

  /** When it was told outside of probes what is thought of it. */
  long toldMs = NEVER;

  /** When it last did not answer a ping that another node had asked for. */
  long relayFailedMs = NEVER;

  /** Present while it is suspected. */
  @Nullable Suspicion suspicion;

  KnownMember(Member member, MemberState state, long sinceMs) {
    this.nodeId = member.nodeId();
    this.ringPlace = Mixing.mix(nodeId);
    this.address = member.address();
    this.incarnation = member.incarnation();
    this.state = state;
    this.sinceMs = sinceMs;
  }

  Member member() {
    return new Member(nodeId, address, incarnation);
  }

  /** Is it expected to answer? */
  boolean isUp() {
    return state == MemberState.ALIVE || state == MemberState.SUSPECT;
  }

  boolean isAlive() {
    return state == MemberState.ALIVE;
  }

  boolean isDead() {
    return state == MemberState.DEAD;
  }

  /** Does it need to be told, because it does not know or has not contradicted it yet? */
  boolean isToBeTold() {
    return state != MemberState.ALIVE || heardIncarnation < incarnation;
  }

  /** The present belief as a statement; an accuser stands for all. */
  Update statement() {
    Suspicion present = suspicion;
    return present == null
        ? Update.of(member(), state)
        : Update.suspicion(member(), present.firstAccuser(), present.evidence());
  }
}
