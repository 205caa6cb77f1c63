package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.cluster.Rotation;
import dev.hanse.control.Decision;
import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.IdentityException.Reason;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.manager.authority.LockKeeper;
import dev.hanse.manager.authority.OwnCertificate;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.StoreAction;
import dev.hanse.model.StoreActionKind;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A swarm that was off for longer than its certificates live: nobody has a valid one. */
final class ExpiredManagersTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Duration AWAY = Duration.ofDays(100);

  private final AtomicReference<Instant> time = new AtomicReference<>(Instant.now());
  private final InstantSource clock = time::get;

  @TempDir Path directory;

  @Test
  void all_three_come_back_by_the_state_in_their_own_logs() throws Exception {
    List<Off> off;
    try (TestGroup group = TestGroup.of(directory, 3, clock)) {
      off = List.of(off(group, 0), off(group, 1), off(group, 2));
    }
    time.updateAndGet(now -> now.plus(AWAY));
    for (Off manager : off) {
      assertThatThrownBy(() -> manager.certificates().load(clock.instant()))
          .isInstanceOfSatisfying(
              IdentityException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EXPIRED));
      renew(manager, Optional.empty());
    }
    try (TestGroup group = new TestGroup(directory, clock)) {
      List<CompletableFuture<Manager>> opening =
          off.stream().map(manager -> opening(manager, Optional.empty())).toList();
      for (CompletableFuture<Manager> manager : opening) {
        group.add(manager.get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS));
      }
      Manager follower = group.followers().getFirst();
      NodeIdentity before = follower.credentials().identity();
      within("a renewal", () -> renewedInTime(follower, group));
      assertThat(follower.credentials().identity().leaf().getPublicKey())
          .isNotEqualTo(before.leaf().getPublicKey());
    }
  }

  @Test
  void connections_between_managers_outlive_the_certificates_they_were_made_with()
      throws Exception {
    try (TestGroup group = TestGroup.of(directory, 3, clock)) {
      List<Manager> managers = List.of(group.manager(0), group.manager(1), group.manager(2));
      for (int month = 2; month <= 6; month += 2) {
        time.updateAndGet(now -> now.plus(Duration.ofDays(60)));
        for (Manager manager : managers) {
          // On a busy machine another may have to be elected first.
          within("renewal in month " + month, () -> renewedInTime(manager, group));
          String name = "written-" + month + "-" + TestGroup.id(manager);
          within(name, () -> write(manager, name) instanceof Decision.Accepted);
        }
      }
    }
  }

  private static void within(String what, Callable<Boolean> attempt) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(TestGroup.LIMIT_SECONDS).toNanos();
    while (!attempt.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  private static Decision write(Manager manager, String name) throws Exception {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.getAnnotationsBuilder().setName(name);
    spec.getTaskBuilder().getContainerBuilder().setImage("busybox:latest");
    spec.getReplicatedBuilder().setReplicas(0);
    return manager
        .submit(new CreateService(spec.build()))
        .get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** What a node does in the middle of its certificate's life; false if nobody answers. */
  private boolean renewedInTime(Manager manager, TestGroup group) throws Exception {
    if (manager.leader().isEmpty()) {
      return false;
    }
    ManagedChannel channel =
        ManagerChannel.open(group.manager(0).advertised(), manager.credentials());
    try {
      manager
          .credentials()
          .replace(new Enrollment(clock).renew(channel, manager.credentials().identity()));
      return true;
    } catch (IdentityException failure) {
      assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
      return false;
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void locked_files_stay_locked_with_the_same_key() throws Exception {
    Off off;
    UnlockKey key;
    try (TestGroup group = TestGroup.of(directory, 1, clock)) {
      off = off(group, 0);
      key = lock(group.manager(0), off);
    }
    time.updateAndGet(now -> now.plus(AWAY));
    assertThatThrownBy(() -> off.certificates().load(clock.instant()))
        .isInstanceOfSatisfying(
            IdentityException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LOCKED));
    assertThatThrownBy(() -> off.certificates().load(clock.instant(), Optional.of(key)))
        .isInstanceOfSatisfying(
            IdentityException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EXPIRED));
    renew(off, Optional.of(key));
    Off afresh = off.afresh();
    assertThatThrownBy(() -> afresh.certificates().load(clock.instant()))
        .isInstanceOfSatisfying(
            IdentityException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LOCKED));
    try (Manager back =
        opening(afresh, Optional.of(key)).get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS)) {
      assertThat(LockKeeper.unlockKey(TestManager.cluster(back))).contains(key);
    }
  }

  @Test
  void who_is_no_manager_in_its_own_state_gets_nothing() throws Exception {
    TlsCredentials credentials;
    Snapshot before;
    try (TestGroup group = TestGroup.of(directory, 1, clock)) {
      credentials = group.manager(0).credentials();
      before = group.manager(0).snapshot();
    }
    Node node = before.find(Kind.NODE, credentials.identity().nodeId()).orElseThrow();
    Snapshot demoted =
        before.preview(
            new Changes(
                List.of(
                    StoreAction.newBuilder()
                        .setAction(StoreActionKind.STORE_ACTION_UPDATE)
                        .setNode(node.toBuilder().setRole(NodeRole.WORKER))
                        .build())));
    assertRefused(before, credentials, "has not ended");
    time.updateAndGet(now -> now.plus(AWAY));
    assertRefused(demoted, credentials, "no manager in the state on its disk");
    assertRefused(Snapshot.empty(), credentials, "no state of its cluster");
    assertThat(OwnCertificate.renew(before, credentials, clock, RANDOM).key())
        .isEqualTo(credentials.identity().key());
    time.set(Instant.EPOCH);
    assertRefused(before, credentials, "is the clock right?");
  }

  private void assertRefused(Snapshot state, TlsCredentials credentials, String words) {
    assertThatThrownBy(() -> OwnCertificate.renew(state, credentials, clock, RANDOM))
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining(words);
  }

  /** A manager that is stopped, or will be. */
  private record Off(
      String nodeId, ManagerSettings settings, Path directory, CertificateDirectory certificates) {
    /** As another process sees its files. */
    Off afresh() {
      return new Off(nodeId, settings, directory, TestManager.certificates(directory));
    }
  }

  private Off off(TestGroup group, int index) {
    Manager manager = group.manager(index);
    String name = "manager" + index;
    return new Off(
            TestGroup.id(manager),
            group.settings(name, manager.listening().getPort(), manager.advertised()),
            directory.resolve(name),
            TestManager.certificates(directory.resolve(name)))
        .afresh();
  }

  /** What the daemon does when nobody answers. */
  private void renew(Off off, Optional<UnlockKey> unlockKey) throws Exception {
    NodeIdentity expired = off.certificates().loadExpired(unlockKey).orElseThrow();
    Snapshot saved = Manager.saved(off.settings(), off.nodeId(), unlockKey);
    TlsCredentials credentials = new TlsCredentials(expired, off.certificates(), clock);
    NodeIdentity renewed = OwnCertificate.renew(saved, credentials, clock, RANDOM);
    assertThat(renewed.key()).isEqualTo(expired.key());
    assertThat(renewed.notAfter()).isAfter(clock.instant());
    off.certificates().save(renewed);
  }

  private CompletableFuture<Manager> opening(Off off, Optional<UnlockKey> unlockKey) {
    CompletableFuture<Manager> opened = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                NodeIdentity identity =
                    off.certificates().load(clock.instant(), unlockKey).orElseThrow();
                opened.complete(
                    Manager.open(
                        off.settings(),
                        new TlsCredentials(identity, off.certificates(), clock),
                        unlockKey));
              } catch (Exception failure) {
                opened.completeExceptionally(failure);
              }
            });
    return opened;
  }

  /** Locks a manager and waits until its files are. */
  private UnlockKey lock(Manager manager, Off files) throws Exception {
    Cluster cluster = TestManager.cluster(manager);
    ClusterSpec.Builder spec = cluster.getSpec().toBuilder();
    spec.getEncryptionConfigBuilder().setAutoLockManagers(true);
    assertThat(
            manager
                .updateCluster(
                    cluster.getMeta().getVersion().getIndex(), spec.build(), Rotation.NONE)
                .get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS))
        .isInstanceOf(Decision.Accepted.class);
    UnlockKey key = LockKeeper.unlockKey(TestManager.cluster(manager)).orElseThrow();
    within("the lock", () -> files.settings().isLocked());
    return key;
  }
}
