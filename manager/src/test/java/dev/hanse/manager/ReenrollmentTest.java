package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.control.Decision;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RootCA;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node comes back after its certificate has expired, in a cluster where they live two hours. */
final class ReenrollmentTest {
  private static final Duration LIFE = Duration.ofHours(2);

  private final AtomicReference<Instant> time = new AtomicReference<>(Instant.now());
  private final InstantSource clock = time::get;

  @TempDir Path directory;
  private Manager manager;

  @BeforeEach
  void start() throws Exception {
    ClusterSpec.Builder spec = ClusterSpec.newBuilder();
    spec.getCaConfigBuilder().getNodeCertExpiryBuilder().setSeconds(LIFE.toSeconds());
    manager =
        TestManager.found(
            directory,
            clock,
            new ClusterRequest(spec.build(), List.of(), 0, 0, NodeSpec.Availability.ACTIVE));
  }

  @AfterEach
  void stop() throws Exception {
    manager.close();
  }

  @Test
  void theClustersLifeOfCertificatesIsHonoured() throws Exception {
    NodeIdentity worker = join();
    assertThat(worker.notAfter())
        .isBetween(clock.instant().plus(LIFE).minusSeconds(2), clock.instant().plus(LIFE));
  }

  @Test
  void itIsLetInByItsOldKeyAndStaysTheSameNode() throws Exception {
    NodeIdentity worker = join();
    NodeIdentity kept = expired(worker);
    NodeIdentity back = reenroll(kept);
    assertThat(back.nodeId()).isEqualTo(worker.nodeId());
    assertThat(back.notAfter()).isAfter(clock.instant());
    assertThat(back.key()).isEqualTo(worker.key());
    // A renewal with a fresh key follows, over TLS again.
    NodeIdentity renewed = renew(back);
    assertThat(renewed.leaf().getPublicKey()).isNotEqualTo(worker.leaf().getPublicKey());
    // Now the old key is nobody's.
    later(LIFE.multipliedBy(2));
    assertRefused(kept, "has been given another certificate since");
  }

  @Test
  void aRemovedNodeStaysOut() throws Exception {
    NodeIdentity kept = expired(join());
    assertThat(manager.submit(new RemoveNode(kept.nodeId(), true)).get(10, TimeUnit.SECONDS))
        .isInstanceOf(Decision.Accepted.class);
    assertRefused(kept, "was removed from swarm");
  }

  @Test
  void aLivingCertificateIsNoWayIn() throws Exception {
    assertRefused(join(), "has not expired");
  }

  @Test
  void aCertificateThatTheManagerNeverGaveIsRefused() throws Exception {
    NodeIdentity worker = join();
    RootCA root = rootCa();
    SigningAuthority authority =
        SigningAuthority.of(
            root.getCaCert().toByteArray(), root.getCaKey().toByteArray(), new SecureRandom());
    CertificateRequest request = CertificateRequest.create();
    byte[] pem =
        authority.sign(
            request.pem().toByteArray(),
            worker.nodeId(),
            Role.WORKER,
            worker.organization(),
            LIFE,
            clock.instant());
    NodeIdentity twin = NodeIdentity.of(pem, request.key(), worker.root(), clock.instant());
    later(LIFE.multipliedBy(2));
    assertRefused(twin, "has been given another certificate since");
  }

  @Test
  void itMayNotComeAgainAtOnce() throws Exception {
    NodeIdentity kept = expired(join());
    assertThat(reenroll(kept).nodeId()).isEqualTo(kept.nodeId());
    assertRefused(kept, "has just been given a certificate");
    time.updateAndGet(now -> now.plusSeconds(5));
    assertThat(reenroll(kept).nodeId()).isEqualTo(kept.nodeId());
  }

  private NodeIdentity expired(NodeIdentity identity) throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory.resolve("worker"));
    certificates.save(identity);
    later(LIFE.multipliedBy(2));
    assertThatThrownBy(() -> certificates.load(clock.instant()))
        .isInstanceOfSatisfying(
            IdentityException.class,
            e -> assertThat(e.reason()).isEqualTo(IdentityException.Reason.EXPIRED));
    return certificates.loadExpired(Optional.empty()).orElseThrow();
  }

  /** The manager itself has not been away: it renews in time. */
  private void later(Duration step) throws Exception {
    for (Duration passed = Duration.ZERO; passed.compareTo(step) < 0; ) {
      NodeIdentity renewed = renew(manager.credentials().identity());
      manager.credentials().replace(renewed);
      Duration part = LIFE.dividedBy(2);
      time.updateAndGet(now -> now.plus(part));
      passed = passed.plus(part);
    }
  }

  private NodeIdentity join() throws Exception {
    String token = rootCa().getJoinTokens().getWorker();
    return new Enrollment(clock)
        .join(TestAgent.address(manager), JoinToken.parse(token), NodeSpec.Availability.ACTIVE);
  }

  private NodeIdentity reenroll(NodeIdentity expired) throws Exception {
    return new Enrollment(clock).reenroll(TestAgent.address(manager), expired);
  }

  private NodeIdentity renew(NodeIdentity identity) throws Exception {
    ManagedChannel channel =
        ManagerChannel.open(
            TestAgent.address(manager),
            new TlsCredentials(
                identity, new CertificateDirectory(directory.resolve("unused")), clock));
    try {
      return new Enrollment(clock).renew(channel, identity);
    } finally {
      channel.shutdownNow();
    }
  }

  private void assertRefused(NodeIdentity shown, String words) {
    assertThatThrownBy(() -> reenroll(shown))
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining(words);
  }

  private RootCA rootCa() {
    return manager.snapshot().cluster().map(Cluster::getRootCa).orElseThrow();
  }
}
