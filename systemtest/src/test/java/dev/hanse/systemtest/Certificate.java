package dev.hanse.systemtest;

import dev.hanse.health.Health;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.lab.HostState;
import dev.hanse.lab.Lab;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerSettings;
import dev.hanse.model.RootCA;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What a host of a lab has on its disk to prove who it is. */
record Certificate(HostState host) {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Duration AGE = Duration.ofMinutes(70);

  static Certificate of(Lab lab, String host) {
    return new Certificate(lab.host(host));
  }

  /** As another process finds it. */
  private CertificateDirectory directory() {
    return new CertificateDirectory(swarm().resolve("certificates"));
  }

  private Path swarm() {
    return host.dataRoot().resolve("swarm");
  }

  private ManagerSettings manager() {
    return new ManagerSettings(
        swarm().resolve("raft"),
        new InetSocketAddress(0),
        host.address() + ":2377",
        InstantSource.system(),
        new Health());
  }

  /** Do node key and log take this unlock key, and no other? */
  boolean isLockedWith(UnlockKey key, Optional<UnlockKey> former)
      throws IOException, IdentityException {
    return manager().isLocked() && !opens(former) && opens(Optional.of(key));
  }

  /** Do node key and log lie open? */
  boolean isOpen() throws IOException, IdentityException {
    return !manager().isLocked() && opens(Optional.empty());
  }

  private boolean opens(Optional<UnlockKey> key) throws IOException, IdentityException {
    try {
      return directory().load(Instant.now(), key).isPresent();
    } catch (IdentityException unusable) {
      if (unusable.reason() == IdentityException.Reason.LOCKED) {
        return false;
      }
      throw unusable;
    }
  }

  /**
   * Makes the certificates of hosts whose daemons are off those of nodes that were off for longer
   * than certificates live.
   *
   * @param hosts the first is a manager
   */
  static void expire(Lab lab, List<String> hosts, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException {
    Certificate first = of(lab, hosts.getFirst());
    String nodeId =
        first.directory().load(Instant.now(), unlockKey).map(NodeIdentity::nodeId).orElseThrow();
    RootCA root =
        Manager.saved(first.manager(), nodeId, unlockKey).cluster().orElseThrow().getRootCa();
    SigningAuthority authority =
        SigningAuthority.of(
            root.getCaCert().toByteArray(), root.getCaKey().toByteArray(), new SecureRandom());
    for (String host : hosts) {
      of(lab, host).expire(authority, unlockKey);
    }
  }

  private void expire(SigningAuthority authority, Optional<UnlockKey> unlockKey)
      throws IOException, IdentityException {
    CertificateDirectory directory = directory();
    NodeIdentity identity = directory.load(Instant.now(), unlockKey).orElseThrow();
    Instant then = Instant.now().minus(AGE);
    byte[] pem =
        authority.sign(
            CertificateRequest.again(identity).pem().toByteArray(),
            identity.nodeId(),
            identity.role(),
            identity.organization(),
            LIFE,
            then);
    directory.save(NodeIdentity.of(pem, identity.key(), identity.root(), then));
  }
}
