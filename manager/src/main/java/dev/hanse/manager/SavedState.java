package dev.hanse.manager;

import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.manager.loop.StoreState;
import dev.hanse.raft.RatisLog;
import dev.hanse.raft.log.LogSettings;
import dev.hanse.raft.log.LogSettings.Start;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a manager that does not run has on its disk. */
final class SavedState {
  private static final Logger logger = LoggerFactory.getLogger(SavedState.class);

  private SavedState() {}

  /** See {@link Manager#saved}. */
  static Snapshot read(ManagerSettings settings, String nodeId, Optional<UnlockKey> unlockKey)
      throws IOException {
    if (!Files.isDirectory(settings.logDirectory())) {
      throw new IOException("there is no log in " + settings.logDirectory());
    }
    Store store = new Store(Snapshot.empty());
    RatisLog.read(log(settings, nodeId, unlockKey), new StoreState(store, leads -> {}));
    return store.snapshot();
  }

  /** Makes the log that of a group of one, see {@link RatisLog#rewriteAlone}. */
  static void rewriteAlone(ManagerSettings settings, String nodeId, Optional<UnlockKey> unlockKey)
      throws IOException {
    RatisLog.rewriteAlone(
        log(settings, nodeId, unlockKey), new StoreState(new Store(Snapshot.empty()), leads -> {}));
  }

  private static LogSettings log(
      ManagerSettings settings, String nodeId, Optional<UnlockKey> unlockKey) throws IOException {
    return settings.log(nodeId, Start.RESUME_OR_FOUND, unlockKey.map(UnlockKey::bytes));
  }

  /** Removes a log and all that belongs to it. */
  static void delete(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The same after a failure that matters more. */
  static void deleteQuietly(Path directory) {
    try {
      delete(directory);
    } catch (IOException e) {
      logger.warn("could not remove what a failed start has left in {}", directory, e);
    }
  }
}
