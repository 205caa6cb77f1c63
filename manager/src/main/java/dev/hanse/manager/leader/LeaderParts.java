package dev.hanse.manager.leader;

import java.util.List;

/**
 * The parts of a leader besides those that {@link LeaderTerm} itself is made of, in starting order.
 */
final class LeaderParts {
  static final List<LeaderPart.Factory> ALL = List.of(ManagerMembers::begin, RootReplacement::new);

  private LeaderParts() {}
}
