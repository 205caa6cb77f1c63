package dev.hanse.control.members;

import dev.hanse.control.command.NodeCommand;

/** What the leader is to do next about who is a manager. */
public sealed interface MembershipStep {
  /** Write this to the state. */
  record Write(NodeCommand command) implements MembershipStep {}

  /** Take the member out of the group. */
  record Remove(String nodeId) implements MembershipStep {}

  /** Let another member lead: it will take this one out. */
  record StepDown() implements MembershipStep {}

  /**
   * Nothing can be done for this node yet.
   *
   * @param reason for the log
   */
  record Wait(String nodeId, String reason) implements MembershipStep {}
}
