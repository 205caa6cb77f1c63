package dev.hanse.raft;

import java.nio.file.Path;

/** Settings of a log with one member. */
final class Alone {
  private Alone() {}

  static LogSettings settings(Path directory) {
    return LogSettings.of(
        directory, new Member("manager1", "192.0.2.1:2377"), LogSettings.Start.RESUME_OR_FOUND);
  }
}
