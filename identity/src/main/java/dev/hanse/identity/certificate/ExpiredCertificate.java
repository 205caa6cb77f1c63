package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;
import static dev.hanse.identity.certificate.IdentityException.Reason.REFUSED;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * What a node shows that was away for longer than its certificate lived, or whose certificate is of
 * the future, signed while the clock ran ahead. It is believed only if all of this holds: the
 * cluster's root vouches for it (in the certificate's last moment), it is of this cluster, the
 * request that comes with it is signed with its key, and that key is the one that the node was last
 * given a certificate for.
 *
 * @param nodeId its CN
 * @param publicKey its key
 */
public record ExpiredCertificate(String nodeId, PublicKey publicKey) {
  /**
   * Reads and checks all that needs no knowledge of the node.
   *
   * @param certificatePem the expired certificate and its chain
   * @param requestPem the request for a new one
   * @param organization the cluster's id
   * @throws IdentityException MALFORMED, UNTRUSTED, or REFUSED if it is valid now: then TLS is
   *     where to show it
   */
  public static ExpiredCertificate of(
      byte[] certificatePem, byte[] requestPem, RootCa root, String organization, Instant now)
      throws IdentityException {
    List<X509Certificate> chain = Pem.certificates(certificatePem);
    X509Certificate leaf = chain.getFirst();
    Instant end = leaf.getNotAfter().toInstant();
    if (!now.isBefore(leaf.getNotBefore().toInstant()) && !now.isAfter(end)) {
      throw new IdentityException(REFUSED, "the certificate has not expired");
    }
    Certificates.verify(chain, root, end);
    Subject subject = Subject.of(leaf);
    if (!subject.organization().equals(organization)) {
      throw new IdentityException(
          REFUSED, "remote certificate not part of this cluster's organization");
    }
    PublicKey requested = CertificateRequest.requestedKey(requestPem);
    if (!same(requested, leaf.getPublicKey())) {
      throw new IdentityException(
          MALFORMED, "the certificate request is not signed with the expired certificate's key");
    }
    return new ExpiredCertificate(subject.nodeId(), leaf.getPublicKey());
  }

  /**
   * Is this key the one that the node was last given a certificate for?
   *
   * @param lastIssuedPem from the node's object; empty if it never got any
   */
  public boolean isLastOf(byte[] lastIssuedPem) {
    try {
      return same(Pem.certificates(lastIssuedPem).getFirst().getPublicKey(), publicKey);
    } catch (IdentityException e) {
      return false; // None, or none that could be compared.
    }
  }

  private static boolean same(PublicKey one, PublicKey other) {
    return Arrays.equals(one.getEncoded(), other.getEncoded());
  }
}
