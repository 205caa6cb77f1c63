package dev.hanse.gossip;

/**
 * Which incarnations are believed. Members of a swarm trust each other's packets, not each other's
 * word: one that lies, or is broken, may say anything of anybody. So a number is taken only as far
 * as its owner could have come by itself, and could still go beyond:
 *
 * <ul>
 *   <li>A life begins with the epoch time in milliseconds and adds one for each refutation, which
 *       is less than one for each millisecond. An honest number is never ahead of its owner's
 *       clock, whose distance from ours the driver bounds.
 *   <li>Hearsay beyond the limit is refused. The member can go above everything below the limit,
 *       since the limit moves with the time.
 *   <li>A member that introduces itself with a number beyond the limit (its clock was wrong when it
 *       started, or it had to go above a lie that another clock let through) lives all the same: it
 *       is taken in with the limit as its number.
 *   <li>Of itself a member believes what any honest member may have believed of it, and goes above.
 *       What is further beyond nobody believes, so that it needs no answer.
 *   <li>A node that has lost its number, or was set up anew, begins with the time, which is above
 *       whatever it had; if its clock was set back others tell it their number and it goes above.
 * </ul>
 */
final class Numbering {
  /** Clocks of nodes that gossip with each other differ by less. */
  static final long CLOCKS_APART_MS = 300_000;

  /** How far ahead of this node's clock a number may be. */
  static final long AHEAD_MS = 2 * CLOCKS_APART_MS;

  private Numbering() {}

  /** The highest number that is believed of others. */
  static long limit(long epochMs) {
    return epochMs + AHEAD_MS;
  }

  /** The highest number that another member may believe of this one. */
  static long limitOfSelf(long epochMs) {
    return limit(epochMs) + CLOCKS_APART_MS;
  }
}
