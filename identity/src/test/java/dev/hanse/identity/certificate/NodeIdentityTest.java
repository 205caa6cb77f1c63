package dev.hanse.identity.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.identity.CertificateRenewal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates: what is in them, what is refused, how they lie on disk. */
final class NodeIdentityTest {
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private final SigningAuthority authority = SigningAuthority.create(now, new SecureRandom());

  @TempDir Path directory;

  @Test
  void aCertificateSaysWhoTheNodeIs() throws Exception {
    NodeIdentity identity = issue(Role.MANAGER, Duration.ofHours(2));
    X509Certificate leaf = identity.leaf();
    assertThat(leaf.getSubjectX500Principal().getName())
        .isEqualTo("CN=node1,OU=swarm-manager,O=org1");
    assertThat(leaf.getIssuerX500Principal().getName()).isEqualTo("CN=swarm-ca");
    assertThat(leaf.getSubjectAlternativeNames())
        .extracting(name -> String.valueOf(name.get(1)))
        .containsExactly("swarm-manager", "node1", "swarm-ca");
    assertThat(leaf.getExtendedKeyUsage()).hasSize(2);
    assertThat(leaf.getBasicConstraints()).isNegative();
    assertThat(identity.notBefore()).isEqualTo(now.minus(Duration.ofHours(1)));
    assertThat(identity.notAfter()).isEqualTo(now.plus(Duration.ofHours(2)));
    X509Certificate root = authority.root().certificates().getFirst();
    assertThat(root.getNotAfter().toInstant()).isEqualTo(now.plus(Duration.ofDays(7300)));
    assertThat(issue(Role.WORKER, Duration.ofHours(2)).leaf().getSubjectAlternativeNames())
        .extracting(name -> String.valueOf(name.get(1)))
        .containsExactly("swarm-worker", "node1");
  }

  @Test
  void aLifeBelowTheMinimumBecomesTheDefault() throws Exception {
    assertThat(issue(Role.WORKER, Duration.ofMinutes(59)).notAfter())
        .isEqualTo(now.plus(Duration.ofDays(90)));
  }

  @Test
  void anExpiredCertificateIsRefusedWithBothTimes() throws Exception {
    new CertificateDirectory(directory).save(issue(Role.WORKER, Duration.ofHours(2)));
    Instant later = now.plus(Duration.ofHours(3));
    assertThatThrownBy(() -> new CertificateDirectory(directory).load(later))
        .isInstanceOfSatisfying(
            IdentityException.class,
            e -> assertThat(e.reason()).isEqualTo(IdentityException.Reason.EXPIRED))
        .hasMessageContaining("CN=node1")
        .hasMessageContaining("not valid after")
        .hasMessageContaining("and it is currently");
    assertThatThrownBy(
            () -> new CertificateDirectory(directory).load(now.minus(Duration.ofDays(1))))
        .hasMessageContaining("not valid before");
  }

  @Test
  void aCertificateOfAnotherRootIsRefused() throws Exception {
    CertificateRequest request = CertificateRequest.create();
    byte[] pem = sign(authority, request, Role.WORKER, Duration.ofHours(2));
    SigningAuthority other = SigningAuthority.create(now, new SecureRandom());
    assertThatThrownBy(() -> NodeIdentity.of(pem, request.key(), other.root(), now))
        .isInstanceOfSatisfying(
            IdentityException.class,
            e -> assertThat(e.reason()).isEqualTo(IdentityException.Reason.UNTRUSTED));
    CertificateRequest stranger = CertificateRequest.create();
    assertThatThrownBy(() -> NodeIdentity.of(pem, stranger.key(), authority.root(), now))
        .hasMessage("certificate key mismatch");
  }

  @Test
  void aRequestThatIsNoneIsRefused() {
    for (String text : List.of("", "hello", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n")) {
      byte[] request = text.getBytes(StandardCharsets.US_ASCII);
      assertThatThrownBy(
              () -> authority.sign(request, "node1", Role.WORKER, "org1", Duration.ofHours(2), now))
          .isInstanceOf(IdentityException.class);
    }
  }

  @Test
  void filesAreDockersAndKeysArePrivate() throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory.resolve("certificates"));
    assertThat(certificates.load(now)).isEmpty();
    NodeIdentity identity = issue(Role.WORKER, Duration.ofHours(2));
    certificates.save(identity);
    NodeIdentity loaded = certificates.load(now).orElseThrow();
    assertThat(loaded.leaf()).isEqualTo(identity.leaf());
    assertThat(loaded.root()).isEqualTo(authority.root());
    Path key = directory.resolve("certificates/swarm-node.key");
    assertThat(Files.getPosixFilePermissions(key))
        .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    try (var files = Files.list(key.getParent())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("swarm-root-ca.crt", "swarm-node.crt", "swarm-node.key");
    }
    certificates.delete();
    assertThat(certificates.load(now)).isEmpty();
  }

  @Test
  void aCrashBetweenKeyAndCertificateIsSurvived() throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory);
    NodeIdentity old = issue(Role.WORKER, Duration.ofHours(2));
    NodeIdentity renewed = issue(Role.WORKER, Duration.ofHours(3));
    certificates.save(old);
    Path newKey = directory.resolve("swarm-node.key.new");
    Files.write(newKey, Pem.encode(renewed.key()));
    assertThat(certificates.load(now).orElseThrow().leaf()).isEqualTo(old.leaf());
    Files.write(directory.resolve("swarm-node.crt"), renewed.certificatePem());
    assertThat(certificates.load(now).orElseThrow().leaf()).isEqualTo(renewed.leaf());
  }

  @Test
  void theAuthorityComesBackFromItsKey() throws Exception {
    SigningAuthority again =
        SigningAuthority.of(authority.root().pem(), authority.keyPem(), new SecureRandom());
    CertificateRequest request = CertificateRequest.create();
    byte[] pem = sign(again, request, Role.WORKER, Duration.ofHours(2));
    assertThat(NodeIdentity.of(pem, request.key(), authority.root(), now).nodeId())
        .isEqualTo("node1");
  }

  @Test
  void renewalIsDueBetweenHalfAndFourFifthsOfTheLife() {
    SplittableRandom random = new SplittableRandom(1);
    Instant end = now.plus(Duration.ofHours(100));
    for (int i = 0; i < 1_000; i++) {
      assertThat(CertificateRenewal.renewalTime(now, end, random))
          .isBetween(now.plus(Duration.ofHours(50)), now.plus(Duration.ofHours(80)));
    }
  }

  private NodeIdentity issue(Role role, Duration life) throws IdentityException {
    CertificateRequest request = CertificateRequest.create();
    return NodeIdentity.of(
        sign(authority, request, role, life), request.key(), authority.root(), now);
  }

  private byte[] sign(
      SigningAuthority authority, CertificateRequest request, Role role, Duration life)
      throws IdentityException {
    return authority.sign(request.pem().toByteArray(), "node1", role, "org1", life, now);
  }
}
