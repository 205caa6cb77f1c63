package dev.hanse.identity.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The private key of a locked manager: what opens it, and what a crash in between leaves. */
final class LockTest {
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final SecureRandom random = new SecureRandom();
  private final SigningAuthority authority = SigningAuthority.create(now, random);
  private final UnlockKey first = UnlockKey.generate(random);
  private final UnlockKey second = UnlockKey.generate(random);

  @TempDir Path directory;
  private NodeIdentity identity;
  private CertificateDirectory certificates;

  LockTest() throws Exception {
    identity = issue();
    certificates = new CertificateDirectory(Path.of("unused"));
  }

  @BeforeEach
  void save() throws Exception {
    certificates = new CertificateDirectory(directory);
    certificates.save(identity);
  }

  @Test
  void aLockedKeyTakesItsUnlockKey() throws Exception {
    certificates.relock(identity, Optional.of(first), () -> {});
    String file = Files.readString(directory.resolve("swarm-node.key"), StandardCharsets.US_ASCII);
    assertThat(file).contains("LOCKED").doesNotContain("BEGIN PRIVATE KEY");
    CertificateDirectory restarted = new CertificateDirectory(directory);
    assertLocked(restarted, Optional.empty());
    assertLocked(restarted, Optional.of(second));
    assertThat(restarted.load(now, Optional.of(first)).orElseThrow().key())
        .isEqualTo(identity.key());
  }

  @Test
  void aRenewedKeyIsLockedLikeTheOneBefore() throws Exception {
    certificates.relock(identity, Optional.of(first), () -> {});
    CertificateDirectory restarted = new CertificateDirectory(directory);
    restarted.load(now, Optional.of(first));
    NodeIdentity renewed = issue();
    restarted.save(renewed);
    assertLocked(new CertificateDirectory(directory), Optional.empty());
    assertThat(new CertificateDirectory(directory).load(now, Optional.of(first)).orElseThrow())
        .isEqualTo(renewed);
  }

  @Test
  void anUnlockedSwarmLeavesTheKeyOpenAgain() throws Exception {
    certificates.relock(identity, Optional.of(first), () -> {});
    certificates.relock(identity, Optional.empty(), () -> {});
    CertificateDirectory restarted = new CertificateDirectory(directory);
    assertThat(restarted.load(now)).isPresent();
    assertThat(restarted.load(now, Optional.of(first))).isPresent();
  }

  @Test
  void whileTheLockChangesBothKeysOpenIt() throws Exception {
    certificates.relock(identity, Optional.of(first), () -> {});
    assertThatThrownBy(
            () ->
                certificates.relock(
                    identity,
                    Optional.of(second),
                    () -> {
                      throw new IOException("the other file could not be written");
                    }))
        .isInstanceOf(IOException.class);
    for (UnlockKey key : new UnlockKey[] {first, second}) {
      CertificateDirectory restarted = new CertificateDirectory(directory);
      assertThat(restarted.load(now, Optional.of(key))).isPresent();
    }
    // The next attempt brings it to an end.
    CertificateDirectory restarted = new CertificateDirectory(directory);
    restarted.load(now, Optional.of(first));
    boolean[] followed = {false};
    restarted.relock(identity, Optional.of(second), () -> followed[0] = true);
    assertThat(followed[0]).isTrue();
    assertLocked(new CertificateDirectory(directory), Optional.of(first));
    assertThat(new CertificateDirectory(directory).load(now, Optional.of(second))).isPresent();
  }

  @Test
  void aDamagedLockedKeyIsNotTakenForAWrongUnlockKey() throws Exception {
    certificates.relock(identity, Optional.of(first), () -> {});
    Path file = directory.resolve("swarm-node.key");
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    Files.writeString(file, text.substring(0, text.length() / 2));
    assertThatThrownBy(() -> new CertificateDirectory(directory).load(now, Optional.of(first)))
        .hasMessage("locked private key is cut off");
  }

  @Test
  void unlockKeysAreReadAsTheyAreShown() throws Exception {
    assertThat(first.text()).startsWith("SWMKEY-1-").hasSize(9 + 43);
    assertThat(UnlockKey.parse(first.text() + "\n")).isEqualTo(first);
    for (String bad :
        new String[] {
          "", "SWMKEY-1-", "SWMKEY-1-????", "SWMKEY-1-AAAA", first.text().substring(1)
        }) {
      assertThatThrownBy(() -> UnlockKey.parse(bad))
          .isInstanceOf(IdentityException.class)
          .hasMessageContaining("invalid key string");
    }
    assertThat(first.toString()).doesNotContain(first.text().substring(9));
  }

  private void assertLocked(CertificateDirectory locked, Optional<UnlockKey> key) {
    assertThatThrownBy(() -> locked.load(now, key))
        .isInstanceOfSatisfying(
            IdentityException.class,
            e -> assertThat(e.reason()).isEqualTo(IdentityException.Reason.LOCKED))
        .hasMessageContaining(key.isPresent() ? "invalid key" : "docker swarm unlock");
  }

  private NodeIdentity issue() throws IdentityException {
    CertificateRequest request = CertificateRequest.create();
    byte[] pem =
        authority.sign(
            request.pem().toByteArray(), "node1", Role.MANAGER, "org1", Duration.ofHours(2), now);
    return NodeIdentity.of(pem, request.key(), authority.root(), now);
  }
}
