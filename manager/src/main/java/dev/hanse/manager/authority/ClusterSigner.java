package dev.hanse.manager.authority;

import com.google.protobuf.ByteString;
import dev.hanse.control.Times;
import dev.hanse.control.authority.AuthorityChange;
import dev.hanse.control.authority.RootRotationPlan;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.ForeignCertificate;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.RootCa;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.model.Cluster;
import dev.hanse.model.Node;
import dev.hanse.model.RootCA;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Signs for the cluster's root: with its key, or by asking an external authority if one is
 * configured for that root. While the root is replaced the new one signs, and its certificate as
 * signed by the old one is added to what it signs.
 */
final class ClusterSigner {
  private final TlsCredentials credentials;
  private final InstantSource clock;
  private final SecureRandom random;

  /** Shows the credentials to external authorities. */
  ClusterSigner(TlsCredentials credentials, InstantSource clock, SecureRandom random) {
    this.credentials = credentials;
    this.clock = clock;
    this.random = random;
  }

  /**
   * A certificate for the node's pending request, with its chain.
   *
   * @throws IdentityException if it will never be signed: the request is at fault, or the external
   *     authority says no
   * @throws ExternalAuthority.Unreachable if it may be later
   */
  ByteString sign(Node node, Cluster cluster)
      throws IdentityException, ExternalAuthority.Unreachable, InterruptedException {
    RootCA root = cluster.getRootCa();
    ByteString certificate =
        root.hasRootRotation() ? root.getRootRotation().getCaCert() : root.getCaCert();
    List<String> urls =
        AuthorityChange.externalUrls(
            cluster.getSpec().getCaConfig(), certificate, root.getCaCert());
    return urls.isEmpty() ? signHere(node, cluster) : external(node, cluster, urls);
  }

  /**
   * The same with the root's own key, whoever else could sign.
   *
   * @throws ExternalAuthority.Unreachable if the key is elsewhere
   */
  ByteString signHere(Node node, Cluster cluster)
      throws IdentityException, ExternalAuthority.Unreachable {
    RootCA root = cluster.getRootCa();
    boolean rotating = root.hasRootRotation();
    ByteString certificate = rotating ? root.getRootRotation().getCaCert() : root.getCaCert();
    ByteString key = rotating ? root.getRootRotation().getCaKey() : root.getCaKey();
    if (key.isEmpty()) {
      throw new ExternalAuthority.Unreachable(
          "the root's key is elsewhere, and no external CA is configured for it");
    }
    return ByteString.copyFrom(
        SigningAuthority.of(certificate.toByteArray(), key.toByteArray(), random)
            .vouchedForBy(chain(node, root))
            .sign(
                node.getCertificate().getCsr().toByteArray(),
                node.getId(),
                Role.of(node.getRole()),
                cluster.getId(),
                Times.duration(cluster.getSpec().getCaConfig().getNodeCertExpiry()),
                clock.instant()));
  }

  /** Only managers have to be believed by nodes that were away for long. */
  private static byte[] chain(Node node, RootCA root) {
    boolean needed = root.hasRootRotation() || Role.of(node.getRole()) == Role.MANAGER;
    return needed ? RootRotationPlan.chain(root).toByteArray() : new byte[0];
  }

  private ByteString external(Node node, Cluster cluster, List<String> urls)
      throws IdentityException, ExternalAuthority.Unreachable, InterruptedException {
    Role role = Role.of(node.getRole());
    byte[] request = node.getCertificate().getCsr().toByteArray();
    byte[] signed;
    try {
      signed =
          at(urls, cluster.getRootCa())
              .sign(
                  request,
                  node.getId(),
                  role.organizationalUnit(),
                  cluster.getId(),
                  SigningAuthority.names(node.getId(), role));
    } catch (ExternalAuthority.Declined declined) {
      throw new IdentityException(
          IdentityException.Reason.REFUSED, String.valueOf(declined.getMessage()), declined);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(signed);
    if (signed.length > 0 && signed[signed.length - 1] != '\n') {
      whole.write('\n');
    }
    whole.writeBytes(chain(node, cluster.getRootCa()));
    ForeignCertificate.requireNode(
        whole.toByteArray(),
        request,
        node.getId(),
        role,
        cluster.getId(),
        RootCa.of(cluster.getRootCa().getCaCert().toByteArray()),
        clock.instant());
    return ByteString.copyFrom(whole.toByteArray());
  }

  /** External authorities, which have to show a certificate of the present or the next root. */
  ExternalAuthority at(List<String> urls, RootCA root) throws IdentityException {
    List<RootCa> trusted = new ArrayList<>();
    trusted.add(RootCa.of(root.getCaCert().toByteArray()));
    if (root.hasRootRotation()) {
      trusted.add(RootCa.of(root.getRootRotation().getCaCert().toByteArray()));
    }
    return new ExternalAuthority(urls, credentials.outward(trusted));
  }

  Instant now() {
    return clock.instant();
  }

  SecureRandom random() {
    return random;
  }
}
