package dev.hanse.manager.reign;

import java.util.List;

/** The parts of a leader besides those that {@link Reign} itself is made of, in starting order. */
final class LeaderParts {
  static final List<LeaderPart.Factory> ALL = List.of(Announcement::new);

  private LeaderParts() {}
}
