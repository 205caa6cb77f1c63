package dev.hanse.gossip;

/**
 * What is thought of a member. Of two statements about the same incarnation the later one here
 * wins; a member answers a statement about itself that is not true with a higher incarnation.
 */
public enum MemberState {
  /** It answers. */
  ALIVE,

  /** It has not answered somebody for about half a second; it is being asked further. */
  SUSPECT,

  /** It has not answered anybody for more than two seconds. It may come back. */
  DEAD,

  /** It has said that its daemon stops for a while: its containers go on. */
  AWAY,

  /** It has said that it leaves the swarm. */
  LEFT
}
