package dev.hanse.control.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.control.Context;
import dev.hanse.control.DirtyKeys;
import dev.hanse.control.PassResult;
import dev.hanse.control.Passes;
import dev.hanse.control.Times;
import dev.hanse.control.sim.World;
import dev.hanse.model.Cluster;
import dev.hanse.model.EncryptionKey;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NetworkKeysTest {
  private static final Instant START = Instant.ofEpochSecond(1_000_000_000);

  private final Store store = new Store(Snapshot.empty());
  private final Random random = new Random(3);
  private long index = 1;

  @Test
  void a_new_cluster_has_three_keys_of_each_kind_in_the_order_of_their_clock() {
    World world = new World(1);
    world.initialize();
    world.settle();
    Cluster cluster = world.snapshot().cluster().orElseThrow();
    assertThat(cluster.getNetworkBootstrapKeysList())
        .hasSize(6)
        .allSatisfy(
            key -> {
              assertThat(key.getSubsystem()).isIn("networking:gossip", "networking:ipsec");
              assertThat(key.getAlgorithm()).isEqualTo(EncryptionKey.Algorithm.AES_128_GCM);
              assertThat(key.getKey().size()).isEqualTo(16);
            })
        .extracting(EncryptionKey::getLamportTime)
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(keys(world.snapshot())).hasSize(3);
    assertThat(keys(world.snapshot(), "networking:ipsec")).hasSize(3);
    assertThat(cluster.getNetworkBootstrapKeysList())
        .extracting(EncryptionKey::getKey)
        .doesNotHaveDuplicates();
    assertThat(cluster.getEncryptionKeyLamportClock()).isEqualTo(6);
  }

  @Test
  void after_twelve_hours_a_key_comes_and_the_oldest_goes() {
    World world = new World(1);
    world.initialize();
    world.settle();
    List<EncryptionKey> first = keys(world.snapshot());
    List<EncryptionKey> firstOfOverlays = keys(world.snapshot(), "networking:ipsec");
    world.run(NetworkKeys.INTERVAL.minusMillis(1));
    assertThat(keys(world.snapshot())).isEqualTo(first);
    world.run(Duration.ofMillis(1));
    List<EncryptionKey> second = keys(world.snapshot());
    // What was handed out before is the middle one now, which is the one that is used.
    assertThat(second).hasSize(3).startsWith(first.get(1), first.get(2));
    assertThat(second.getLast().getLamportTime()).isEqualTo(7);
    assertThat(keys(world.snapshot(), "networking:ipsec"))
        .hasSize(3)
        .startsWith(firstOfOverlays.get(1), firstOfOverlays.get(2));
    world.run(NetworkKeys.INTERVAL.multipliedBy(2));
    assertThat(keys(world.snapshot())).hasSize(3).startsWith(second.get(2));
  }

  @Test
  void a_cluster_made_before_there_were_keys_gets_them_with_the_first_pass() {
    put(Cluster.newBuilder().setId("c").build());
    Snapshot after = passed(START);
    assertThat(keys(after)).hasSize(3);
    assertThat(passed(START)).as("and no others with the next").isEqualTo(after);
  }

  @Test
  void a_cluster_of_an_earlier_hanse_gets_keys_for_overlays_and_keeps_its_gossips() {
    put(
        Cluster.newBuilder()
            .setId("c")
            .setGossipKeysRotatedAt(Times.timestamp(START.minusSeconds(60)))
            .setEncryptionKeyLamportClock(3)
            .addNetworkBootstrapKeys(key(NetworkKeys.GOSSIP, 1))
            .addNetworkBootstrapKeys(key(NetworkKeys.GOSSIP, 2))
            .addNetworkBootstrapKeys(key(NetworkKeys.GOSSIP, 3))
            .build());
    List<EncryptionKey> before = keys(store.snapshot());
    Snapshot after = passed(START);
    assertThat(keys(after)).isEqualTo(before);
    assertThat(keys(after, "networking:ipsec"))
        .extracting(EncryptionKey::getLamportTime)
        .containsExactly(4L, 5L, 6L);
  }

  @Test
  void the_keys_of_others_stay_and_a_clock_never_goes_back() {
    EncryptionKey other = key("networking:other", 90);
    put(
        Cluster.newBuilder()
            .setId("c")
            .setEncryptionKeyLamportClock(7)
            .addNetworkBootstrapKeys(key(NetworkKeys.GOSSIP, 41))
            .addNetworkBootstrapKeys(other)
            .addNetworkBootstrapKeys(key(NetworkKeys.GOSSIP, 40))
            .build());
    Snapshot after = passed(START);
    assertThat(keys(after, "networking:other")).containsExactly(other);
    assertThat(keys(after))
        .extracting(EncryptionKey::getLamportTime)
        .containsExactly(40L, 41L, 42L);
  }

  @Test
  void a_clock_that_was_set_back_does_not_keep_the_keys_for_ever() {
    put(Cluster.newBuilder().setId("c").build());
    List<EncryptionKey> future = keys(passed(START.plus(Duration.ofDays(900))));
    assertThat(keys(passed(START))).hasSize(3).isNotEqualTo(future).startsWith(future.get(1));
    List<EncryptionKey> present = keys(store.snapshot());
    // A few seconds back, as another manager's clock may be, changes nothing.
    assertThat(keys(passed(START.minusSeconds(30)))).isEqualTo(present);
  }

  private Snapshot passed(Instant now) {
    PassResult result =
        new Passes()
            .run(store.snapshot(), new Context(Times.timestamp(now), random), DirtyKeys.full());
    assertThat(result.nextDeadline()).isPresent();
    assertThat(Times.instant(result.nextDeadline().orElseThrow())).isAfter(now);
    commit(result.changes());
    return store.snapshot();
  }

  private void put(Cluster cluster) {
    Cluster.Builder named = cluster.toBuilder();
    named.getSpecBuilder().getAnnotationsBuilder().setName(Snapshot.CLUSTER_NAME);
    Transaction transaction = new Transaction(store.snapshot(), Times.timestamp(START));
    transaction.put(Kind.CLUSTER, named.build());
    commit(transaction.changes());
  }

  private void commit(Changes changes) {
    if (!changes.isEmpty()) {
      store.apply(changes, ++index);
    }
  }

  private static List<EncryptionKey> keys(Snapshot snapshot) {
    return keys(snapshot, NetworkKeys.GOSSIP);
  }

  private static List<EncryptionKey> keys(Snapshot snapshot, String subsystem) {
    return snapshot.cluster().orElseThrow().getNetworkBootstrapKeysList().stream()
        .filter(key -> key.getSubsystem().equals(subsystem))
        .toList();
  }

  private static EncryptionKey key(String subsystem, long lamportTime) {
    return EncryptionKey.newBuilder()
        .setSubsystem(subsystem)
        .setKey(ByteString.copyFrom(new byte[16]))
        .setLamportTime(lamportTime)
        .build();
  }
}
