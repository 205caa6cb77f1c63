package dev.hanse.manager.authority;

import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.UnlockKey;
import dev.hanse.model.Cluster;
import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the files of this manager under the lock that the cluster's state says: the node's private
 * key and the log's data keys. Runs on every manager, leader or not; what changed while the manager
 * was away it makes up for.
 *
 * <p>A state that is being read from the log passes through locks of the past. So a lock is put on
 * only when it has stood for a moment, and taken off when it has stood for a longer one: nothing
 * may lie open because it once did.
 */
public final class LockKeeper implements AutoCloseable {
  /** Whose unlock key is the managers', among those that the cluster object may hold. */
  public static final String SUBSYSTEM = "swarm-manager";

  private static final Logger logger = LoggerFactory.getLogger(LockKeeper.class);
  private static final Duration LOCK_PATIENCE = Duration.ofMillis(200);
  private static final Duration OPEN_PATIENCE = Duration.ofSeconds(2);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(5);

  /** The log's data keys. */
  @FunctionalInterface
  public interface LogLock {
    /** Writes them under this unlock key, or open. */
    void rewrap(Optional<byte[]> unlockKey) throws IOException;
  }

  private final Store store;
  private final TlsCredentials credentials;
  private final LogLock log;
  private final Semaphore news = new Semaphore(0);
  private final Store.Subscription subscription;
  private volatile boolean closed;
  private final Thread thread = Thread.ofVirtual().name("hanse-lock").unstarted(this::run);

  /**
   * What the state says.
   *
   * @param key empty for no lock
   */
  private record Lock(Optional<UnlockKey> key) {
    Duration patience() {
      return key.isPresent() ? LOCK_PATIENCE : OPEN_PATIENCE;
    }
  }

  /** Begins to follow the state. */
  public LockKeeper(Store store, TlsCredentials credentials, LogLock log) {
    this.store = store;
    this.credentials = credentials;
    this.log = log;
    this.subscription = store.subscribe(this::changed);
    thread.start();
  }

  /** Files that are being written are written to the end: an interruption would break that off. */
  @Override
  public void close() {
    subscription.close();
    closed = true;
    news.release();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Empty while the cluster is not known. */
  private static Optional<Lock> lock(Snapshot snapshot) {
    return snapshot.cluster().map(cluster -> new Lock(unlockKey(cluster)));
  }

  /** The key that opens the managers' files; empty if they are not locked. */
  public static Optional<UnlockKey> unlockKey(Cluster cluster) {
    if (!cluster.getSpec().getEncryptionConfig().getAutoLockManagers()) {
      return Optional.empty();
    }
    return cluster.getUnlockKeysList().stream()
        .filter(key -> key.getSubsystem().equals(SUBSYSTEM) && !key.getKey().isEmpty())
        .findFirst()
        .map(key -> UnlockKey.of(key.getKey().toByteArray()));
  }

  private void changed(Snapshot before, Snapshot after, Changes applied) {
    if (!lock(after).equals(lock(before))) {
      news.release();
    }
  }

  private void run() {
    @Nullable Lock done = null;
    try {
      while (!closed) {
        Optional<Lock> wanted = lock(store.snapshot());
        if (wanted.isEmpty() || wanted.get().equals(done)) {
          news.acquire();
        } else if (!changesWithin(wanted.get().patience())) {
          if (keep(wanted.get())) {
            done = wanted.get();
          } else {
            boolean unused = changesWithin(RETRY_INTERVAL);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean changesWithin(Duration time) throws InterruptedException {
    return news.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private boolean keep(Lock lock) {
    try {
      credentials.relock(lock.key(), () -> log.rewrap(lock.key().map(UnlockKey::bytes)));
      logger.info("the manager's keys are {}", lock.key().isPresent() ? "locked" : "not locked");
      return true;
    } catch (IOException e) {
      logger.error("the manager's keys could not be written under the swarm's lock", e);
      return false;
    }
  }
}
