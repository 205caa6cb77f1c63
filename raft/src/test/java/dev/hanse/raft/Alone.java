package dev.hanse.raft;

import dev.hanse.health.Health;
import dev.hanse.raft.log.LogKeys;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.Member;
import dev.hanse.raft.log.SnapshotPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of a log with one member. */
final class Alone {
  private Alone() {}

  static LogSettings settings(Path directory) throws IOException {
    return LogSettings.of(
        directory,
        new Member("manager1", "192.0.2.1:2377"),
        LogSettings.Start.RESUME_OR_FOUND,
        LogKeys.load(directory.resolve("keys"), Optional.empty()),
        new Health());
  }

  static LogSettings settings(Path directory, long snapshotEntries) throws IOException {
    return settings(directory).withSnapshots(new SnapshotPolicy(snapshotEntries, 1));
  }
}
