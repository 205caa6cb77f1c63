package dev.hanse.control.keys;

import com.google.protobuf.ByteString;
import dev.hanse.control.Context;
import dev.hanse.control.Times;
import dev.hanse.model.Cluster;
import dev.hanse.model.EncryptionKey;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The ring of keys that nodes encrypt their gossip with, as swarmkit keeps it: three, told apart
 * and ordered by their Lamport time. Nodes encrypt with the middle one. So a new key is handed out
 * a whole interval before anybody uses it, and the one that was used before is accepted an interval
 * longer: nodes need not change at the same moment, nor even be in touch all the time.
 */
public final class GossipKeys {
  /** What the keys are for, as swarmkit names it. */
  public static final String SUBSYSTEM = "networking:gossip";

  /** Keys in the ring. */
  static final int RING_SIZE = 3;

  /** AES-128. */
  static final int KEY_BYTES = 16;

  /** How long a key is the newest one; a key lives three times as long. */
  static final Duration INTERVAL = Duration.ofHours(12);

  private static final Comparator<EncryptionKey> BY_AGE =
      (one, other) -> Long.compareUnsigned(one.getLamportTime(), other.getLamportTime());

  private final Transaction transaction;
  private final Context context;

  /** For one pass. */
  public GossipKeys(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
  }

  /**
   * Makes the keys that are missing, or one when it is time; the keys of other subsystems stay.
   *
   * @return when it is time again; empty while there is no cluster
   */
  public Optional<Instant> run() {
    return transaction.snapshot().cluster().map(this::run);
  }

  private Instant run(Cluster cluster) {
    Instant now = Times.instant(context.now());
    Instant made = Times.instant(cluster.getGossipKeysRotatedAt());
    List<EncryptionKey> ring = new ArrayList<>();
    List<EncryptionKey> others = new ArrayList<>();
    for (EncryptionKey key : cluster.getNetworkBootstrapKeysList()) {
      (key.getSubsystem().equals(SUBSYSTEM) ? ring : others).add(key);
    }
    // A clock that was set back by more than an interval must not keep the keys for ever.
    boolean current = now.isBefore(made.plus(INTERVAL)) && !made.isAfter(now.plus(INTERVAL));
    if (current && ring.size() == RING_SIZE) {
      return made.plus(INTERVAL);
    }
    ring.sort(BY_AGE);
    long clock = cluster.getEncryptionKeyLamportClock();
    do {
      clock = next(clock, ring);
      ring.add(key(clock));
    } while (ring.size() < RING_SIZE);
    Cluster.Builder rotated =
        cluster.toBuilder()
            .setEncryptionKeyLamportClock(clock)
            .setGossipKeysRotatedAt(context.now())
            .clearNetworkBootstrapKeys()
            .addAllNetworkBootstrapKeys(others)
            .addAllNetworkBootstrapKeys(ring.subList(ring.size() - RING_SIZE, ring.size()));
    transaction.put(Kind.CLUSTER, rotated.build());
    return now.plus(INTERVAL);
  }

  /** Later than the clock and every key, whoever made them. */
  private static long next(long clock, List<EncryptionKey> ring) {
    long last = ring.isEmpty() ? clock : ring.getLast().getLamportTime();
    return (Long.compareUnsigned(last, clock) > 0 ? last : clock) + 1;
  }

  private EncryptionKey key(long lamportTime) {
    byte[] key = new byte[KEY_BYTES];
    context.random().nextBytes(key);
    return EncryptionKey.newBuilder()
        .setSubsystem(SUBSYSTEM)
        .setAlgorithm(EncryptionKey.Algorithm.AES_128_GCM)
        .setKey(ByteString.copyFrom(key))
        .setLamportTime(lamportTime)
        .build();
  }
}
