package dev.hanse.manager.authority;

import com.google.protobuf.ByteString;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.IdentityException.Reason;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.model.Cluster;
import dev.hanse.model.Node;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.security.SecureRandom;
import java.time.InstantSource;

/**
 * How a manager gets a new certificate when its own has expired and nobody answers who could give
 * it one: from the root's key, which is in the state in its own log. When a whole swarm was off or
 * suspended for longer than its certificates live, this is how it begins again.
 *
 * <p>The state may be older than what the others have agreed on since. Nothing is gained by that:
 * who is no member of the log is not listened to by those who are, and a node that has become a
 * worker hears so in its first session.
 */
public final class OwnCertificate {
  private OwnCertificate() {}

  /**
   * A certificate for the manager's old key; a renewal with a fresh one should follow.
   *
   * @param state as it is on the manager's disk, or as a running manager has it
   * @param expired the manager's, whose certificate has expired
   * @return the new identity, not yet saved
   * @throws IdentityException REFUSED if the state has no such manager any more, EXPIRED if the
   *     certificate is valid now or the clock cannot be right, UNREACHABLE if the root's key is
   *     elsewhere and an external authority does not answer
   */
  public static NodeIdentity renew(
      Snapshot state, TlsCredentials expired, InstantSource clock, SecureRandom random)
      throws IdentityException, InterruptedException {
    NodeIdentity old = expired.identity();
    if (old.isValid(clock.instant())) {
      throw new IdentityException(
          Reason.EXPIRED, "the certificate's life has not ended; is the clock right?");
    }
    if (old.root().certificates().stream()
        .allMatch(root -> clock.instant().isBefore(root.getNotBefore().toInstant()))) {
      throw new IdentityException(
          Reason.EXPIRED, "the cluster's root is of the future; is the clock right?");
    }
    Cluster cluster =
        state
            .cluster()
            .filter(found -> found.getId().equals(old.organization()))
            .orElseThrow(() -> refused("this manager's log holds no state of its cluster"));
    Node node =
        state
            .find(Kind.NODE, old.nodeId())
            .filter(found -> !cluster.containsBlacklistedCertificates(found.getId()))
            .filter(found -> Role.of(found.getRole()) == Role.MANAGER)
            .orElseThrow(() -> refused("this node is no manager in the state on its disk"));
    CertificateRequest request = CertificateRequest.again(old);
    Node asking =
        node.toBuilder()
            .setCertificate(node.getCertificate().toBuilder().setCsr(request.pem()))
            .build();
    ByteString signed = sign(new ClusterSigner(expired, clock, random), asking, cluster);
    return NodeIdentity.of(signed.toByteArray(), request.key(), old.root(), clock.instant());
  }

  private static ByteString sign(ClusterSigner signer, Node node, Cluster cluster)
      throws IdentityException, InterruptedException {
    try {
      return signer.sign(node, cluster);
    } catch (ExternalAuthority.Unreachable unreachable) {
      try {
        // It may well turn down a caller whose certificate has expired.
        return signer.signHere(node, cluster);
      } catch (ExternalAuthority.Unreachable keyElsewhere) {
        throw new IdentityException(
            Reason.UNREACHABLE, String.valueOf(unreachable.getMessage()), unreachable);
      }
    }
  }

  private static IdentityException refused(String message) {
    return new IdentityException(Reason.REFUSED, message);
  }
}
