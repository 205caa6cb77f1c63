package dev.hanse.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.hanse.model.Annotations;
import dev.hanse.model.Network;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.NetworkSpec;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.model.Task;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StoreTest {
  private static final Timestamp NOON = Timestamp.newBuilder().setSeconds(43_200).build();
  private static final Timestamp LATER = Timestamp.newBuilder().setSeconds(50_000).build();

  @Test
  void aPutObjectGetsTheLogIndexAsItsVersionAndKeepsItsCreationTime() {
    Store store = new Store(Snapshot.empty());
    put(store, 7, NOON, service("s1", "web"));
    put(store, 9, LATER, store.snapshot().find(Kind.SERVICE, "s1").orElseThrow());

    Service stored = store.snapshot().find(Kind.SERVICE, "s1").orElseThrow();
    assertThat(stored.getMeta().getVersion().getIndex()).isEqualTo(9);
    assertThat(stored.getMeta().getCreatedAt()).isEqualTo(NOON);
    assertThat(stored.getMeta().getUpdatedAt()).isEqualTo(LATER);
    assertThat(store.snapshot().index()).isEqualTo(9);
  }

  @Test
  void namesAreFoundInAnyCase() {
    Store store = new Store(Snapshot.empty());
    put(store, 1, NOON, service("s1", "Web"));

    assertThat(store.snapshot().findByName(Kind.SERVICE, "wEB")).isPresent();
    assertThat(store.snapshot().findByName(Kind.SERVICE, "we")).isEmpty();
  }

  @Test
  void aTransactionReadsItsOwnWritesAndChangesEachObjectOnce() {
    Store store = new Store(Snapshot.empty());
    put(store, 1, NOON, service("kept", "kept"));
    put(store, 2, NOON, service("gone", "gone"));

    Transaction transaction = new Transaction(store.snapshot(), LATER);
    transaction.put(Kind.SERVICE, service("new", "draft"));
    transaction.put(Kind.SERVICE, service("new", "final"));
    transaction.delete(Kind.SERVICE, "gone");
    transaction.put(Kind.SERVICE, service("brief", "brief"));
    transaction.delete(Kind.SERVICE, "brief");

    assertThat(transaction.snapshot().findByName(Kind.SERVICE, "final")).isPresent();
    assertThat(transaction.snapshot().findByName(Kind.SERVICE, "draft")).isEmpty();
    assertThat(transaction.changes().actions())
        .extracting(StoreAction::getAction)
        .containsExactly(StoreActionKind.STORE_ACTION_CREATE, StoreActionKind.STORE_ACTION_REMOVE);
    assertThat(store.snapshot().findByName(Kind.SERVICE, "final")).isEmpty();
  }

  @Test
  void anEntryThatWasAppliedBeforeIsPassedOver() {
    Store store = new Store(Snapshot.empty());
    put(store, 5, NOON, service("s1", "web"));
    Snapshot before = store.snapshot();

    assertThat(store.apply(new Changes(List.of(Kind.SERVICE.removal("s1"))), 5)).isSameAs(before);
  }

  @Test
  void listenersSeeBothSidesUntilTheyUnsubscribe() {
    Store store = new Store(Snapshot.empty());
    List<String> seen = new ArrayList<>();
    try (var subscription =
        store.subscribe(
            (before, after, changes) ->
                seen.add(before.index() + "->" + after.index() + " " + changes.actions().size()))) {
      assertThat(subscription).isNotNull();
      put(store, 3, NOON, service("s1", "web"));
    }
    put(store, 4, NOON, service("s2", "db"));

    assertThat(seen).containsExactly("0->3 1");
  }

  /** Random puts and deletes; every lookup must equal a search through all tasks. */
  @Test
  void indexesEqualASearchThroughEverything() {
    Random random = new Random(42);
    Store store = new Store(Snapshot.empty());
    for (int index = 1; index <= 2_000; index++) {
      Transaction transaction = new Transaction(store.snapshot(), NOON);
      String id = "t" + random.nextInt(100);
      if (random.nextInt(4) == 0) {
        transaction.delete(Kind.TASK, id);
      } else {
        transaction.put(Kind.TASK, randomTask(id, random));
      }
      store.apply(transaction.changes(), index);
    }
    Snapshot snapshot = store.snapshot();
    Collection<Task> all = snapshot.all(Kind.TASK);
    for (int i = 0; i < 6; i++) {
      String key = String.valueOf(i);
      assertThat(snapshot.tasksOfService("s" + key))
          .isEqualTo(filter(all, task -> task.getServiceId().equals("s" + key)));
      assertThat(snapshot.tasksOfNode("n" + key))
          .isEqualTo(filter(all, task -> task.getNodeId().equals("n" + key)));
      assertThat(snapshot.tasksOfSlot("s1", i))
          .isEqualTo(
              filter(
                  all,
                  task ->
                      task.getServiceId().equals("s1") && task.getSlot() == Long.parseLong(key)));
      assertThat(snapshot.tasksOfNetwork("net" + key))
          .isEqualTo(
              filter(
                  all,
                  task ->
                      task.getNetworksList().stream()
                          .anyMatch(a -> a.getNetwork().getId().equals("net" + key))));
    }
    assertThat(snapshot.findByIdPrefix(Kind.TASK, "t1"))
        .isEqualTo(filter(all, task -> task.getId().startsWith("t1")));
  }

  @Test
  void aSavedSnapshotComesBackEqual() throws IOException {
    Store store = new Store(Snapshot.empty());
    put(store, 3, NOON, service("s1", "web"));
    Transaction transaction = new Transaction(store.snapshot(), NOON);
    transaction.put(
        Kind.NETWORK,
        Network.newBuilder()
            .setId("n1")
            .setSpec(
                NetworkSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName("front")))
            .build());
    store.apply(transaction.changes(), 8);

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StoredSnapshot.save(store.snapshot(), bytes);
    Snapshot restored = StoredSnapshot.restore(new ByteArrayInputStream(bytes.toByteArray()), 8);

    assertThat(restored.index()).isEqualTo(8);
    for (Kind<?> kind : Kind.ALL) {
      assertThat(List.copyOf(restored.all(kind)))
          .isEqualTo(List.copyOf(store.snapshot().all(kind)));
    }
    assertThat(restored.findByName(Kind.NETWORK, "front")).isPresent();
  }

  private static List<Task> filter(
      Collection<Task> tasks, java.util.function.Predicate<Task> predicate) {
    return tasks.stream().filter(predicate).collect(Collectors.toList());
  }

  private static Task randomTask(String id, Random random) {
    Task.Builder task =
        Task.newBuilder()
            .setId(id)
            .setServiceId("s" + random.nextInt(3))
            .setSlot(random.nextInt(5));
    if (random.nextBoolean()) {
      task.setNodeId("n" + random.nextInt(3));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      task.addNetworks(
          NetworkAttachment.newBuilder()
              .setNetwork(Network.newBuilder().setId("net" + random.nextInt(4))));
    }
    return task.build();
  }

  private static void put(Store store, long index, Timestamp now, Service service) {
    Transaction transaction = new Transaction(store.snapshot(), now);
    transaction.put(Kind.SERVICE, service);
    store.apply(transaction.changes(), index);
  }

  private static Service service(String id, String name) {
    return Service.newBuilder()
        .setId(id)
        .setSpec(ServiceSpec.newBuilder().setAnnotations(Annotations.newBuilder().setName(name)))
        .build();
  }
}
