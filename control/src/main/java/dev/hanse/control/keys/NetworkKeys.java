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
 * The rings of keys that nodes encrypt their gossip with, and a real Docker Engine its overlays, as
 * swarmkit keeps them: three keys each, told apart and ordered by their Lamport time. Nodes encrypt
 * with the middle one. So a new key is handed out a whole interval before anybody uses it, and the
 * one that was used before is accepted an interval longer: nodes need not change at the same
 * moment, nor even be in touch all the time.
 */
public final class NetworkKeys {
  /** What the keys of the gossip are for, as swarmkit names it. */
  public static final String GOSSIP = "networking:gossip";

  /** Hanse's nodes have no use for these; a Docker Engine ends without them. */
  private static final String IPSEC = "networking:ipsec";

  private static final List<String> SUBSYSTEMS = List.of(GOSSIP, IPSEC);

  /** Keys in a ring. */
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
  public NetworkKeys(Transaction transaction, Context context) {
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
    List<EncryptionKey> keys = cluster.getNetworkBootstrapKeysList();
    // A clock that was set back by more than an interval must not keep the keys for ever.
    boolean current = now.isBefore(made.plus(INTERVAL)) && !made.isAfter(now.plus(INTERVAL));
    if (current && SUBSYSTEMS.stream().allMatch(name -> ring(keys, name).size() == RING_SIZE)) {
      return made.plus(INTERVAL);
    }
    Cluster.Builder rotated =
        cluster.toBuilder()
            .setGossipKeysRotatedAt(context.now())
            .clearNetworkBootstrapKeys()
            .addAllNetworkBootstrapKeys(
                keys.stream().filter(key -> !SUBSYSTEMS.contains(key.getSubsystem())).toList());
    for (String subsystem : SUBSYSTEMS) {
      rotate(rotated, ring(keys, subsystem), subsystem, current);
    }
    transaction.put(Kind.CLUSTER, rotated.build());
    return now.plus(INTERVAL);
  }

  /** A subsystem's keys, the oldest first. */
  private static List<EncryptionKey> ring(List<EncryptionKey> keys, String subsystem) {
    return keys.stream()
        .filter(key -> key.getSubsystem().equals(subsystem))
        .sorted(BY_AGE)
        .toList();
  }

  /** A ring that is whole and current stays: it is another that wants keys. */
  private void rotate(
      Cluster.Builder cluster, List<EncryptionKey> old, String subsystem, boolean current) {
    List<EncryptionKey> ring = new ArrayList<>(old);
    if (!current) {
      add(cluster, ring, subsystem);
    }
    while (ring.size() < RING_SIZE) {
      add(cluster, ring, subsystem);
    }
    cluster.addAllNetworkBootstrapKeys(ring.subList(ring.size() - RING_SIZE, ring.size()));
  }

  private void add(Cluster.Builder cluster, List<EncryptionKey> ring, String subsystem) {
    long clock = next(cluster.getEncryptionKeyLamportClock(), ring);
    cluster.setEncryptionKeyLamportClock(clock);
    ring.add(key(subsystem, clock));
  }

  /** Later than the clock and every key, whoever made them. */
  private static long next(long clock, List<EncryptionKey> ring) {
    long last = ring.isEmpty() ? clock : ring.getLast().getLamportTime();
    return (Long.compareUnsigned(last, clock) > 0 ? last : clock) + 1;
  }

  private EncryptionKey key(String subsystem, long lamportTime) {
    byte[] key = new byte[KEY_BYTES];
    context.random().nextBytes(key);
    return EncryptionKey.newBuilder()
        .setSubsystem(subsystem)
        .setAlgorithm(EncryptionKey.Algorithm.AES_128_GCM)
        .setKey(ByteString.copyFrom(key))
        .setLamportTime(lamportTime)
        .build();
  }
}
