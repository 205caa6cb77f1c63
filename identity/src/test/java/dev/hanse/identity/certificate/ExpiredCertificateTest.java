package dev.hanse.identity.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node comes back after its certificate has expired: what it must prove. */
final class ExpiredCertificateTest {
  private static final String CLUSTER = "org1";

  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Instant later = now.plus(Duration.ofDays(100));
  private final SecureRandom random = new SecureRandom();
  private final SigningAuthority authority = SigningAuthority.create(now, random);
  private final NodeIdentity identity = issue(authority, CLUSTER);

  @TempDir Path directory;

  ExpiredCertificateTest() throws Exception {}

  @Test
  void theOldKeyProvesWhoItIs() throws Exception {
    ExpiredCertificate shown = check(identity, requestOf(identity), later);
    assertThat(shown.nodeId()).isEqualTo("node1");
    assertThat(shown.isLastOf(identity.certificatePem())).isTrue();
    assertThat(shown.isLastOf(issue(authority, CLUSTER).certificatePem())).isFalse();
    assertThat(shown.isLastOf(new byte[0])).isFalse();
  }

  @Test
  void anotherKeyDoesNot() {
    assertRefused(identity, CertificateRequest.create(), later, "not signed with the expired");
  }

  @Test
  void aLivingCertificateBelongsIntoTls() {
    assertRefused(identity, requestOf(identity), now, "has not expired");
  }

  @Test
  void aCertificateOfTheFutureIsTreatedAlike() throws Exception {
    Instant before = now.minus(Duration.ofDays(1));
    assertThat(check(identity, requestOf(identity), before).nodeId()).isEqualTo("node1");
    NodeIdentity foreign = issue(SigningAuthority.create(now, random), CLUSTER);
    assertRefused(foreign, requestOf(foreign), before, "not signed by this cluster's root");
  }

  @Test
  void anotherRootOrClusterIsRefused() throws Exception {
    NodeIdentity foreign = issue(SigningAuthority.create(now, random), CLUSTER);
    assertRefused(foreign, requestOf(foreign), later, "not signed by this cluster's root");
    NodeIdentity neighbour = issue(authority, "org2");
    assertRefused(neighbour, requestOf(neighbour), later, "not part of this cluster");
  }

  @Test
  void theFilesAreReadAsTheyWereInTheCertificatesLastMoment() throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory);
    certificates.save(identity);
    assertThatThrownBy(() -> certificates.load(later)).isInstanceOf(IdentityException.class);
    assertThat(certificates.loadExpired(Optional.empty()).orElseThrow()).isEqualTo(identity);
  }

  private ExpiredCertificate check(NodeIdentity shown, CertificateRequest request, Instant at)
      throws IdentityException {
    return ExpiredCertificate.of(
        shown.certificatePem(), request.pem().toByteArray(), authority.root(), CLUSTER, at);
  }

  private void assertRefused(
      NodeIdentity shown, CertificateRequest request, Instant at, String words) {
    assertThatThrownBy(() -> check(shown, request, at))
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining(words);
  }

  private static CertificateRequest requestOf(NodeIdentity identity) {
    return CertificateRequest.again(identity);
  }

  private NodeIdentity issue(SigningAuthority signer, String organization)
      throws IdentityException {
    CertificateRequest request = CertificateRequest.create();
    byte[] pem =
        signer.sign(
            request.pem().toByteArray(),
            "node1",
            Role.WORKER,
            organization,
            Duration.ofHours(2),
            now);
    return NodeIdentity.of(pem, request.key(), signer.root(), now);
  }
}
