package dev.hanse.control.members;

/**
 * The number that swarmkit's messages have for a member. Hanse's members are named by their node
 * ids; the number is made from that, so that it needs not be kept.
 */
public final class RaftIds {
  // FNV-1a, 64 bit: http://www.isthe.com/chongo/tech/comp/fnv/
  private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private RaftIds() {}

  /** Positive, the same for the same node id. */
  public static long of(String nodeId) {
    long hash = OFFSET_BASIS;
    for (int i = 0; i < nodeId.length(); i++) {
      hash = (hash ^ nodeId.charAt(i)) * PRIME;
    }
    return Math.max(hash & Long.MAX_VALUE, 1);
  }
}
