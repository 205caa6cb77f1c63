package dev.hanse.manager.authority;

import dev.hanse.health.Health;
import dev.hanse.health.Looks;
import dev.hanse.health.OwnerThread;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.model.Cluster;
import dev.hanse.store.Changes;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
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
  private static final Duration IDLE = Duration.ofDays(1);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(30);

  /** The log's data keys. */
  @FunctionalInterface
  public interface LogLock {
    /** Writes them under this unlock key, or open. */
    void rewrap(Optional<byte[]> unlockKey) throws IOException;
  }

  private final Store store;
  private final TlsCredentials credentials;
  private final LogLock log;
  private final Looks looks = new Looks(this::look);
  private final AtomicLong changes = new AtomicLong();
  private final Store.Subscription subscription;
  private final OwnerThread thread;

  // Of the thread.
  private long seen = -1;
  private Optional<Lock> done = Optional.empty();

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
  public LockKeeper(Health health, Store store, TlsCredentials credentials, LogLock log) {
    this.store = store;
    this.credentials = credentials;
    this.log = log;
    this.subscription = store.subscribe(this::changed);
    this.thread = OwnerThread.named(health, "hanse-lock").virtual().of(looks).start();
  }

  /** Files that are being written are written to the end: an interruption would break that off. */
  @Override
  public void close() {
    subscription.close();
    thread.endAfterTurn();
    looks.wake();
    boolean unused = thread.join(CLOSE_WAIT_MAX);
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
      changes.incrementAndGet();
      looks.wake();
    }
  }

  private Duration look() {
    Optional<Lock> wanted = lock(store.snapshot());
    if (wanted.isEmpty() || wanted.equals(done)) {
      return IDLE;
    }
    long now = changes.get();
    if (now != seen) {
      seen = now;
      return wanted.get().patience();
    }
    if (!keep(wanted.get())) {
      return RETRY_INTERVAL;
    }
    done = wanted;
    return Duration.ZERO;
  }

  private boolean keep(Lock lock) {
    try {
      credentials.relock(lock.key(), () -> log.rewrap(lock.key().map(UnlockKey::bytes)));
      logger.info("the manager's keys are {}", lock.key().isPresent() ? "locked" : "not locked");
      return true;
    } catch (IOException e) {
      logger.error(
          "the manager's keys could not be encrypted with the swarm's unlock key; trying again", e);
      return false;
    }
  }
}
