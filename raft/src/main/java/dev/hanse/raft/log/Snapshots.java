package dev.hanse.raft.log;

import dev.hanse.text.Form;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;

/** The saved states in a directory: {@code snapshot.TERM_INDEX}. */
public final class Snapshots extends SimpleStateMachineStorage {
  /** Ratis' names: term and index. */
  private static final Form NAME = Form.of("snapshot\\.([0-9]{1,18})_([0-9]{1,18})", 64);

  private volatile SnapshotPolicy policy;

  /** Takes them by this policy until another is set. */
  public Snapshots(SnapshotPolicy policy) {
    this.policy = policy;
  }

  /** When to take the next ones. */
  public void policy(SnapshotPolicy changed) {
    policy = changed;
  }

  /** Is it time, so many entries after the newest one? */
  public boolean due(long appliedIndex) {
    SingleFileSnapshotInfo latest = getLatestSnapshot();
    return appliedIndex - (latest == null ? -1 : latest.getIndex()) >= policy.entries();
  }

  /** Where a state is to be saved. */
  public Path file(TermIndex at) {
    return getSnapshotFile(at.getTerm(), at.getIndex()).toPath();
  }

  /** Takes a file that is in place for the newest. */
  public void saved(TermIndex at) {
    var info = new FileInfo(file(at), null);
    updateLatestSnapshot(new SingleFileSnapshotInfo(info, at.getTerm(), at.getIndex()));
  }

  /** Ratis' own policy cannot be changed while it runs. */
  @Override
  public void cleanupOldSnapshots(SnapshotRetentionPolicy ignored) throws IOException {
    super.cleanupOldSnapshots(
        new SnapshotRetentionPolicy() {
          @Override
          public int getNumSnapshotsRetained() {
            return policy.olderKept() + 1;
          }
        });
  }

  /** The index of the newest state in a directory. */
  public static OptionalLong latestIndex(Path directory) {
    return latest(directory).map(file -> OptionalLong.of(index(file))).orElse(OptionalLong.empty());
  }

  /** The newest state in a directory. */
  public static Optional<Path> latest(Path directory) {
    File[] files = directory.toFile().listFiles();
    Optional<Path> latest = Optional.empty();
    for (File file : files == null ? new File[0] : files) {
      boolean named = NAME.fits(file.getName());
      if (named && (latest.isEmpty() || index(file.toPath()) > index(latest.get()))) {
        latest = Optional.of(file.toPath());
      }
    }
    return latest;
  }

  static long index(Path file) {
    return NAME.read(file.getFileName().toString())
        .map(parts -> Long.parseLong(parts.part(2)))
        .orElseThrow(() -> new IllegalArgumentException("not a saved state: " + file));
  }

  /** Removes what a crash has left of states that were being written or fetched. */
  public static void removeUnfinished(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (var files = Files.newDirectoryStream(directory, "snapshot.*.tmp")) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
    }
  }
}
