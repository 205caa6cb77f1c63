package dev.hanse.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Pem;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.identity.certificate.RootCertificates;
import dev.hanse.identity.certificate.SigningAuthority;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One root follows another, and who believes whom meanwhile. */
final class RootRotationTest {
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final SecureRandom random = new SecureRandom();
  private final SigningAuthority old = SigningAuthority.create(now, random);
  private final SigningAuthority fresh = SigningAuthority.create(now, random);

  @TempDir Path directory;

  @Test
  void aCertificateOfTheNewRootIsBelievedByThoseWhoTrustEither() throws Exception {
    SigningAuthority between = fresh.vouchedForBy(old.crossSign(fresh.root()));
    NodeIdentity trustsOld = issue(between, old.root());
    assertThat(trustsOld.chain()).hasSize(2);
    assertThat(trustsOld.trusting(fresh.root(), now).leaf()).isEqualTo(trustsOld.leaf());
    assertThat(trustsOld.issuer()).isEqualTo(fresh.root().issuer());
    assertThat(trustsOld.trusting(fresh.root(), now).issuer()).isEqualTo(fresh.root().issuer());
    assertThat(issue(old, old.root()).issuer()).isEqualTo(old.root().issuer());
  }

  @Test
  void withoutTheOldRootsWordItIsNot() throws Exception {
    assertThatThrownBy(() -> issue(fresh, old.root()))
        .isInstanceOfSatisfying(
            IdentityException.class,
            e -> assertThat(e.reason()).isEqualTo(IdentityException.Reason.UNTRUSTED));
    NodeIdentity ofOld = issue(old, old.root());
    assertThatThrownBy(() -> ofOld.trusting(fresh.root(), now))
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining("not signed by this cluster's root");
    SigningAuthority stranger = SigningAuthority.create(now, random);
    SigningAuthority forged = fresh.vouchedForBy(stranger.crossSign(fresh.root()));
    assertThatThrownBy(() -> issue(forged, old.root())).isInstanceOf(IdentityException.class);
  }

  @Test
  void aNodeThatMissedTwoRotationsStillBelievesAManager() throws Exception {
    SigningAuthority third = SigningAuthority.create(now, random);
    ByteArrayOutputStream chain = new ByteArrayOutputStream();
    chain.writeBytes(fresh.crossSign(third.root()));
    chain.writeBytes(old.crossSign(fresh.root()));
    SigningAuthority present = third.vouchedForBy(chain.toByteArray());
    for (SigningAuthority trusted : List.of(old, fresh, third)) {
      assertThat(issue(present, trusted.root()).issuer()).isEqualTo(third.root().issuer());
    }
  }

  @Test
  void aRootWithAnRsaKeySigns() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    byte[] pem =
        RootCertificates.selfSigned(
            pair, new X500Name("CN=Own Root"), now, now.plus(Duration.ofDays(800)), random);
    SigningAuthority own = SigningAuthority.of(pem, Pem.encode(pair.getPrivate()), random);
    SigningAuthority between = own.vouchedForBy(old.crossSign(own.root()));
    assertThat(issue(between, old.root()).trusting(own.root(), now).issuer())
        .isEqualTo(own.root().issuer());
    assertThat(issue(fresh.vouchedForBy(own.crossSign(fresh.root())), own.root()).nodeId())
        .isEqualTo("node1");
  }

  @Test
  void credentialsChangeTheirTrustOnlyWhenTheyAreNotLeftAlone() throws Exception {
    CertificateDirectory certificates = new CertificateDirectory(directory);
    NodeIdentity before = issue(old, old.root());
    certificates.save(before);
    TlsCredentials credentials = new TlsCredentials(before, certificates, InstantSource.fixed(now));
    List<NodeIdentity> told = new ArrayList<>();
    credentials.onReplace(told::add);
    assertThatThrownBy(() -> credentials.trust(fresh.root())).isInstanceOf(IdentityException.class);
    assertThat(certificates.root()).contains(old.root());
    NodeIdentity between = issue(fresh.vouchedForBy(old.crossSign(fresh.root())), old.root());
    credentials.replace(between);
    assertThat(credentials.trust(fresh.root())).isTrue();
    assertThat(credentials.trust(fresh.root())).isFalse();
    assertThat(certificates.load(now).orElseThrow().root()).isEqualTo(fresh.root());
    assertThat(told).hasSize(2);
    // A renewal that began before the change does not bring the old root back.
    credentials.replace(between);
    assertThat(credentials.identity().root()).isEqualTo(fresh.root());
    assertThat(certificates.root()).contains(fresh.root());
  }

  private NodeIdentity issue(SigningAuthority authority, RootCa trusted) throws IdentityException {
    CertificateRequest request = CertificateRequest.create();
    byte[] pem =
        authority.sign(
            request.pem().toByteArray(), "node1", Role.WORKER, "org1", Duration.ofHours(2), now);
    return NodeIdentity.of(pem, request.key(), trusted, now);
  }
}
