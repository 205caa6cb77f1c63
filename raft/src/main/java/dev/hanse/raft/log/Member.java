package dev.hanse.raft.log;

/**
 * One manager of the log's group.
 *
 * @param nodeId its node id
 * @param address where the other managers reach it, "HOST:PORT"
 */
public record Member(String nodeId, String address) {
  private static final int LENGTH_MAX = 256;

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if the node id is empty, or one of both is longer than 256
   *     characters
   */
  public Member {
    if (nodeId.isEmpty() || nodeId.length() > LENGTH_MAX || address.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("not a member: " + nodeId + " at " + address);
    }
  }
}
