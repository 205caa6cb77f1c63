package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.command.ServiceCommand.CreateService;
import dev.hanse.health.Health;
import dev.hanse.identity.CertificateRenewal;
import dev.hanse.identity.LateRenewal.OwnSource;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.manager.authority.OwnCertificate;
import dev.hanse.model.ServiceSpec;
import dev.hanse.store.Kind;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Certificates that stop being valid while managers and nodes run: machines were suspended, or a
 * clock was set. Nothing is started again.
 */
final class ExpiryInServiceTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Duration SUSPENDED = Duration.ofDays(100);

  private final AtomicReference<Instant> time = new AtomicReference<>(Instant.now());
  private final InstantSource clock = time::get;
  private final List<CertificateRenewal> renewals = new ArrayList<>();

  @TempDir Path directory;

  @AfterEach
  void stop() {
    renewals.forEach(CertificateRenewal::close);
  }

  @Test
  void a_swarm_that_was_suspended_as_a_whole_goes_on() throws Exception {
    try (TestGroup group = TestGroup.of(directory, 3, clock)) {
      List<Manager> managers = IntStream.range(0, 3).mapToObj(group::manager).toList();
      List<NodeIdentity> before = identities(managers);
      managers.forEach(manager -> renew(manager, managers, own(manager, manager.credentials())));
      try (FollowingNode worker =
          FollowingNode.join(managers.getFirst(), directory.resolve("worker"), clock)) {
        NodeIdentity worked = worker.credentials.identity();
        within("the worker's first session", () -> worker.sessions() > 0);
        int sessions = worker.sessions();
        time.updateAndGet(now -> now.plus(SUSPENDED));
        for (int i = 0; i < managers.size(); i++) {
          awaitAnother(managers.get(i).credentials(), before.get(i));
        }
        awaitAnother(worker.credentials, worked);
        awaitWrites(managers);
        within("the worker's next session", () -> worker.sessions() > sessions);
      }
    }
  }

  @Test
  void one_manager_that_was_suspended_is_let_in_by_the_others() throws Exception {
    try (TestGroup group = TestGroup.of(directory, 3, clock)) {
      List<Manager> managers = IntStream.range(0, 3).mapToObj(group::manager).toList();
      Manager suspended = group.followers().getFirst();
      List<Manager> awake = managers.stream().filter(manager -> manager != suspended).toList();
      List<NodeIdentity> before = identities(managers);
      List<CertificateRenewal> renewing =
          awake.stream()
              .map(manager -> renew(manager, managers, own(manager, manager.credentials())))
              .toList();
      for (Duration past = Duration.ZERO; past.compareTo(SUSPENDED) < 0; ) {
        Duration step = Duration.ofDays(50);
        List<NodeIdentity> present = identities(awake);
        time.updateAndGet(now -> now.plus(step));
        past = past.plus(step);
        renewing.forEach(CertificateRenewal::renewNow);
        for (int i = 0; i < awake.size(); i++) {
          awaitAnother(awake.get(i).credentials(), present.get(i));
        }
      }
      assertThat(suspended.credentials().identity().isValid(clock.instant())).isFalse();
      renew(
          suspended,
          managers,
          () -> {
            throw new AssertionError("the others answer");
          });
      awaitAnother(suspended.credentials(), before.get(managers.indexOf(suspended)));
      awaitWrites(managers);
    }
  }

  @Test
  void certificates_of_the_future_are_replaced_when_the_clock_is_set_right() throws Exception {
    try (TestGroup group = TestGroup.of(directory, 1, clock)) {
      Manager manager = group.manager(0);
      CertificateRenewal renewal =
          renew(manager, List.of(manager), own(manager, manager.credentials()));
      try (FollowingNode worker = FollowingNode.join(manager, directory.resolve("worker"), clock)) {
        List<TlsCredentials> all = List.of(manager.credentials(), worker.credentials);
        List<NodeIdentity> first = all.stream().map(TlsCredentials::identity).toList();
        time.updateAndGet(now -> now.plus(Duration.ofDays(30)));
        renewal.renewNow();
        worker.renewNow();
        for (int i = 0; i < all.size(); i++) {
          awaitAnother(all.get(i), first.get(i));
        }
        List<NodeIdentity> future = all.stream().map(TlsCredentials::identity).toList();
        time.updateAndGet(now -> now.minus(Duration.ofDays(30)));
        int sessions = worker.sessions();
        assertThat(future).noneMatch(identity -> identity.isValid(clock.instant()));
        for (int i = 0; i < all.size(); i++) {
          awaitAnother(all.get(i), future.get(i));
        }
        awaitWrites(List.of(manager));
        within("the worker's next session", () -> worker.sessions() > sessions);
      }
    }
  }

  private CertificateRenewal renew(Manager manager, List<Manager> asked, OwnSource own) {
    CertificateRenewal renewal =
        CertificateRenewal.start(
            new Health(),
            manager.credentials(),
            () -> asked.stream().map(Manager::advertised).toList(),
            own,
            clock,
            RANDOM);
    renewals.add(renewal);
    return renewal;
  }

  /** As the daemon has it. */
  private OwnSource own(Manager manager, TlsCredentials credentials) {
    return () -> Optional.of(OwnCertificate.renew(manager.snapshot(), credentials, clock, RANDOM));
  }

  private static List<NodeIdentity> identities(List<Manager> managers) {
    return managers.stream().map(manager -> manager.credentials().identity()).toList();
  }

  /** Waits for a valid certificate with a fresh key, so for both steps. */
  private void awaitAnother(TlsCredentials credentials, NodeIdentity before) throws Exception {
    PublicKey old = before.leaf().getPublicKey();
    within(
        "a certificate for " + before.nodeId(),
        () ->
            credentials.identity().isValid(clock.instant())
                && !credentials.identity().leaf().getPublicKey().equals(old));
    assertThat(credentials.identity().nodeId()).isEqualTo(before.nodeId());
  }

  /** What each of them writes all of them get. */
  private static void awaitWrites(List<Manager> managers) throws Exception {
    for (Manager manager : managers) {
      String name = "written-by-" + TestGroup.id(manager);
      within(name, () -> written(manager, name));
      for (Manager other : managers) {
        TestGroup.await(other, state -> state.findByName(Kind.SERVICE, name).isPresent());
      }
    }
  }

  /** Nobody may lead at first, and a write may be refused though it is made. */
  private static boolean written(Manager manager, String name) throws Exception {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder();
    spec.getAnnotationsBuilder().setName(name);
    spec.getTaskBuilder().getContainerBuilder().setImage("busybox:latest");
    spec.getReplicatedBuilder().setReplicas(0);
    var unused =
        manager
            .submit(new CreateService(spec.build()))
            .get(TestGroup.LIMIT_SECONDS, TimeUnit.SECONDS);
    return manager.snapshot().findByName(Kind.SERVICE, name).isPresent();
  }

  private static void within(String what, Callable<Boolean> attempt) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(TestGroup.LIMIT_SECONDS).toNanos();
    while (!attempt.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
