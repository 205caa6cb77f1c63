package dev.hanse.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.manager.authority.OwnCertificate;
import dev.hanse.model.CAConfig;
import dev.hanse.model.Cluster;
import dev.hanse.model.ExternalCA;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RootCA;
import dev.hanse.store.Snapshot;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The root's key is elsewhere: an authority outside of the swarm signs. */
final class ExternalAuthorityTest {
  private final AtomicReference<Instant> time = new AtomicReference<>(Instant.now());
  private final InstantSource clock = time::get;

  @TempDir Path directory;
  private Manager manager;
  private CfsslServer external;

  @BeforeEach
  void start() throws Exception {
    manager = TestManager.found(directory, clock, ClusterRequest.defaults());
    RootCA root = rootCa();
    external =
        new CfsslServer(
            SigningAuthority.of(
                root.getCaCert().toByteArray(), root.getCaKey().toByteArray(), new SecureRandom()),
            cluster().getId(),
            directory.resolve("external"),
            clock);
  }

  @AfterEach
  void stop() throws Exception {
    external.close();
    manager.close();
  }

  @Test
  void itSignsForNodesAndTheRootsKeyMayBeForgotten() throws Exception {
    accepted(config -> config.addExternalCas(authority()));
    assertThat(join().issuer()).isEqualTo(manager.credentials().identity().issuer());
    assertThat(external.signed).hasValue(1);
    accepted(config -> config.setSigningCaCert(rootCa().getCaCert()));
    assertThat(rootCa().getCaKey()).isEqualTo(ByteString.EMPTY);
    assertThat(join().nodeId()).isNotEmpty();
    assertThat(external.signed).hasValue(2);
    assertRefused(
        CAConfig.Builder::clearExternalCas, "corresponding to the current CA certificate");
    // Back to a root whose key the swarm has: the old one vouches for it from where it is.
    accepted(config -> config.setForceRotate(1));
    assertThat(rootCa().getRootRotation().getCaKey()).isNotEqualTo(ByteString.EMPTY);
    assertThat(join().chain()).hasSize(2);
    assertThat(external.signed).hasValue(3);
  }

  @Test
  void whatItSignsIsCheckedBeforeItIsBelieved() throws Exception {
    accepted(config -> config.addExternalCas(authority()));
    external.bend =
        request -> {
          ((ObjectNode) request.path("subject")).put("CN", "somebodyelse");
          return request;
        };
    assertThatThrownBy(this::join)
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining("FAILED")
        .hasMessageContaining("names another node, role or cluster");
  }

  @Test
  void anAuthorityThatIsNotThereIsNotTakenForOne() throws Exception {
    String url = external.url();
    external.close();
    assertRefused(
        config ->
            config
                .setSigningCaCert(rootCa().getCaCert())
                .addExternalCas(authority().toBuilder().setUrl(url)),
        "there must be at least one valid, reachable external CA");
    assertRefused(
        config ->
            config
                .setSigningCaCert(rootCa().getCaCert())
                .addExternalCas(authority().toBuilder().setUrl("http://localhost/")),
        "invalid HTTP scheme");
  }

  @Test
  void aManagerThatWasAwayForLongAsksItForItsOwnCertificate() throws Exception {
    accepted(config -> config.addExternalCas(authority()).setSigningCaCert(rootCa().getCaCert()));
    assertThat(rootCa().getCaKey()).isEqualTo(ByteString.EMPTY);
    manager.close();
    time.updateAndGet(now -> now.plus(Duration.ofDays(100)));
    ManagerSettings settings = TestManager.settings(directory, clock);
    CertificateDirectory certificates = TestManager.certificates(directory);
    TlsCredentials expired =
        new TlsCredentials(
            certificates.loadExpired(Optional.empty()).orElseThrow(), certificates, clock);
    Snapshot saved = Manager.saved(settings, expired.identity().nodeId(), Optional.empty());
    NodeIdentity renewed = OwnCertificate.renew(saved, expired, clock, new SecureRandom());
    assertThat(renewed.notAfter()).isAfter(clock.instant());
    assertThat(external.signed).hasValue(1);
    external.close();
    assertThatThrownBy(() -> OwnCertificate.renew(saved, expired, clock, new SecureRandom()))
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining("unable to perform certificate signing request");
    manager = Manager.open(settings, new TlsCredentials(renewed, certificates, clock));
    assertThat(rootCa().getCaKey()).isEqualTo(ByteString.EMPTY);
  }

  private ExternalCA authority() {
    return ExternalCA.newBuilder()
        .setProtocol(ExternalCA.CAProtocol.CFSSL)
        .setUrl(external.url())
        .build();
  }

  private NodeIdentity join() throws Exception {
    return new Enrollment(clock)
        .join(
            TestAgent.address(manager),
            JoinToken.parse(rootCa().getJoinTokens().getWorker()),
            NodeSpec.Availability.ACTIVE);
  }

  private Cluster cluster() {
    return TestManager.cluster(manager);
  }

  private RootCA rootCa() {
    return cluster().getRootCa();
  }

  private void accepted(Consumer<CAConfig.Builder> change) throws Exception {
    assertThat(TestManager.changeAuthority(manager, change)).isInstanceOf(Decision.Accepted.class);
  }

  private void assertRefused(Consumer<CAConfig.Builder> change, String words) throws Exception {
    TestManager.assertRefused(TestManager.changeAuthority(manager, change), words);
  }
}
