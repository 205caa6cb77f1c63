package dev.hanse.identity;

import dev.hanse.health.Health;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.model.Certificate;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.Node;
import dev.hanse.model.SessionMessage;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node's certificate and trust as its managers say in their session messages: another role
 * or the request to rotate means a new certificate, another root means another trust. Besides, it
 * renews the certificate in time. What changes is told by {@link TlsCredentials#onReplace}; the
 * node should begin another session then, to report it.
 */
public final class CertificateUpkeep implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateUpkeep.class);

  private final TlsCredentials credentials;
  private final CertificateRenewal renewal;

  private CertificateUpkeep(TlsCredentials credentials, CertificateRenewal renewal) {
    this.credentials = credentials;
    this.renewal = renewal;
  }

  /** Starts; parameters as for {@link CertificateRenewal#start}. */
  public static CertificateUpkeep start(
      Health health,
      TlsCredentials credentials,
      Supplier<List<String>> managers,
      LateRenewal.OwnSource own,
      InstantSource clock,
      RandomGenerator random) {
    return new CertificateUpkeep(
        credentials, CertificateRenewal.start(health, credentials, managers, own, clock, random));
  }

  /** Takes what a manager says at the begin of a session and whenever it changes. */
  public void sessionMessage(SessionMessage message) {
    if (!message.getRootCA().isEmpty()) {
      trust(message.getRootCA().toByteArray());
    }
    if (message.hasNode() && isRenewalWanted(message.getNode(), credentials.identity().role())) {
      renewal.renewNow();
    }
  }

  /**
   * Does a node need another certificate, by what the managers know of it? Also if the one that it
   * has asked for last, and perhaps never got, is of a role that it has no more: as long as that
   * may still come, the managers do not count on this node.
   *
   * @param own the role in its present certificate
   */
  static boolean isRenewalWanted(Node node, Role own) {
    Certificate last = node.getCertificate();
    return Role.of(node.getRole()) != own
        || (node.hasCertificate() && Role.of(last.getRole()) != own)
        || last.getStatus().getState() == IssuanceStatus.State.ROTATE;
  }

  /** The manager has shown a certificate of the root that was trusted so far, so it may say so. */
  private void trust(byte[] root) {
    try {
      if (credentials.trust(RootCa.of(root))) {
        log.info("the swarm's root has been replaced");
      }
    } catch (IdentityException e) {
      log.warn("not trusting the swarm's new root yet: {}", e.getMessage());
      if (e.reason() == IdentityException.Reason.UNTRUSTED) {
        renewal.renewNow();
      }
    } catch (IOException e) {
      log.error("saving the swarm's new root", e);
    }
  }

  /** Asks for a new certificate now. */
  public void renewNow() {
    renewal.renewNow();
  }

  @Override
  public void close() {
    renewal.close();
  }
}
