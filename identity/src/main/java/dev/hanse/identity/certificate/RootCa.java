package dev.hanse.identity.certificate;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The certificate (or, while it is being replaced, certificates) that a cluster trusts. */
public final class RootCa {
  private final byte[] pem;
  private final List<X509Certificate> certificates;
  private final byte[] digest;

  private RootCa(byte[] pem, List<X509Certificate> certificates, byte[] digest) {
    this.pem = pem;
    this.certificates = certificates;
    this.digest = digest;
  }

  /**
   * Reads a bundle and checks that each certificate is a self-signed authority.
   *
   * @throws IdentityException (MALFORMED) if one is not
   */
  public static RootCa of(byte[] pem) throws IdentityException {
    List<X509Certificate> certificates = Pem.certificates(pem);
    for (X509Certificate certificate : certificates) {
      if (certificate.getBasicConstraints() < 0) {
        throw new IdentityException(
            IdentityException.Reason.MALFORMED, "root certificate is not an authority");
      }
      try {
        certificate.verify(certificate.getPublicKey());
      } catch (java.security.GeneralSecurityException e) {
        throw new IdentityException(
            IdentityException.Reason.MALFORMED, "root certificate is not self-signed", e);
      }
    }
    return new RootCa(pem.clone(), certificates, sha256(pem));
  }

  /** The bundle's exact bytes; the digest in join tokens covers them. */
  public byte[] pem() {
    return pem.clone();
  }

  /** The certificates of the bundle. */
  public List<X509Certificate> certificates() {
    return certificates;
  }

  /** "sha256:" and 64 hexadecimal digits, as stored in the cluster object. */
  public String digest() {
    return "sha256:" + HexFormat.of().formatHex(digest);
  }

  /** Who appears as the signer of certificates of this root, the first of the bundle. */
  public CertificateIssuer issuer() {
    return CertificateIssuer.of(certificates.getFirst());
  }

  BigInteger digestNumber() {
    return new BigInteger(1, digest);
  }

  Set<TrustAnchor> anchors() {
    return certificates.stream()
        .map(certificate -> new TrustAnchor(certificate, null))
        .collect(Collectors.toSet());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RootCa root && Arrays.equals(pem, root.pem);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(pem);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
