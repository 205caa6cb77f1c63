package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * Who a node is in its cluster, and the proof of it.
 *
 * @param nodeId the certificate's CN
 * @param role the certificate's OU
 * @param organization the certificate's O: the cluster's id
 * @param chain the node's certificate and intermediates, leaf first
 * @param key the leaf's private key
 * @param root what the node trusts
 */
public record NodeIdentity(
    String nodeId,
    Role role,
    String organization,
    List<X509Certificate> chain,
    PrivateKey key,
    RootCa root) {

  /**
   * Puts an identity together and checks it: signed by the root, valid now, key and certificate
   * belong together, subject complete.
   *
   * @throws IdentityException with the reason and, for an expired certificate, the times
   */
  public static NodeIdentity of(byte[] certificatePem, PrivateKey key, RootCa root, Instant now)
      throws IdentityException {
    List<X509Certificate> chain = Pem.certificates(certificatePem);
    Certificates.verify(chain, root, now);
    X509Certificate leaf = chain.getFirst();
    Subject subject = Subject.of(leaf);
    if (!Certificates.belongTogether(leaf, key)) {
      throw new IdentityException(MALFORMED, "certificate key mismatch");
    }
    return new NodeIdentity(
        subject.nodeId(), subject.role(), subject.organization(), chain, key, root);
  }

  /**
   * The same node, trusting another root.
   *
   * @throws IdentityException (UNTRUSTED) if that root does not vouch for this certificate
   */
  public NodeIdentity trusting(RootCa other, Instant now) throws IdentityException {
    if (other.equals(root)) {
      return this;
    }
    Certificates.verify(chain, other, now);
    return new NodeIdentity(nodeId, role, organization, chain, key, other);
  }

  /** Who has signed the node's own certificate. */
  public CertificateIssuer issuer() {
    return Certificates.issuer(chain, root);
  }

  /** The node's own certificate. */
  public X509Certificate leaf() {
    return chain.getFirst();
  }

  /** Start of the certificate's life. */
  public Instant notBefore() {
    return leaf().getNotBefore().toInstant();
  }

  /** End of the certificate's life. */
  public Instant notAfter() {
    return leaf().getNotAfter().toInstant();
  }

  /** Is this within the certificate's life? */
  public boolean isValid(Instant now) {
    return !now.isBefore(notBefore()) && !now.isAfter(notAfter());
  }

  /** Certificate and intermediates as text. */
  public byte[] certificatePem() {
    return Certificates.pem(chain);
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "NodeIdentity[" + nodeId + ", " + role + ", until " + notAfter() + "]";
  }
}
