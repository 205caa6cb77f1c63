package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.EXPIRED;
import static dev.hanse.identity.certificate.IdentityException.Reason.UNTRUSTED;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;

/** Checks on certificates that files and TLS share. */
public final class Certificates {
  /** Ours have two at most, four after several changes of the root. */
  private static final int CHAIN_MAX = 8;

  private static final byte[] PROBE = {'h', 'a', 'n', 's', 'e'};

  private Certificates() {}

  /**
   * Is the first certificate valid now, and does the root vouch for it, directly or through those
   * that follow? While a root is replaced a chain ends in the new root's certificate as signed by
   * the old one: who trusts the old root needs all of the chain, who trusts the new one only its
   * begin.
   */
  public static void verify(List<X509Certificate> chain, RootCa root, Instant now)
      throws IdentityException {
    verifyPeriod(chain.getFirst(), now);
    if (chain.size() > CHAIN_MAX) {
      throw new IdentityException(UNTRUSTED, "a chain of " + chain.size() + " certificates");
    }
    GeneralSecurityException refusal = new GeneralSecurityException("no certificate");
    for (int length = 1; length <= chain.size(); length++) {
      try {
        validate(chain.subList(0, length), root, now);
        return;
      } catch (GeneralSecurityException e) {
        refusal = e;
      }
    }
    throw new IdentityException(
        UNTRUSTED,
        "certificate is not signed by this cluster's root: " + refusal.getMessage(),
        refusal);
  }

  private static void validate(List<X509Certificate> path, RootCa root, Instant now)
      throws GeneralSecurityException {
    PKIXParameters parameters = new PKIXParameters(root.anchors());
    // Removed nodes are refused by AccessControl, from the cluster object; there is no list to ask.
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(now));
    var certificates = CertificateFactory.getInstance("X.509").generateCertPath(path);
    CertPathValidator.getInstance("PKIX").validate(certificates, parameters);
  }

  /** Who has signed the first certificate of a verified chain. */
  static CertificateIssuer issuer(List<X509Certificate> chain, RootCa root) {
    X509Certificate leaf = chain.getFirst();
    for (X509Certificate candidate :
        Stream.concat(chain.stream().skip(1), root.certificates().stream()).toList()) {
      if (hasSigned(candidate, leaf)) {
        return CertificateIssuer.of(candidate);
      }
    }
    throw new IllegalArgumentException("nobody in the chain has signed its first certificate");
  }

  /** Roots of one cluster have the same name, so the signature decides. */
  private static boolean hasSigned(X509Certificate issuer, X509Certificate certificate) {
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static void verifyPeriod(X509Certificate certificate, Instant now)
      throws IdentityException {
    Instant notBefore = certificate.getNotBefore().toInstant();
    Instant notAfter = certificate.getNotAfter().toInstant();
    if (now.isBefore(notBefore)) {
      throw new IdentityException(EXPIRED, period(certificate, "before", notBefore, now));
    }
    if (now.isAfter(notAfter)) {
      throw new IdentityException(EXPIRED, period(certificate, "after", notAfter, now));
    }
  }

  private static String period(
      X509Certificate certificate, String side, Instant limit, Instant now) {
    return "certificate (%s) not valid %s %s, and it is currently %s"
        .formatted(
            certificate.getSubjectX500Principal().getName(), side, rfc1123(limit), rfc1123(now));
  }

  private static String rfc1123(Instant instant) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(instant.atOffset(ZoneOffset.UTC));
  }

  /** Can the key make signatures that the certificate's public key accepts? */
  static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    try {
      Signature signature = Signature.getInstance(signatureAlgorithm(key));
      signature.initSign(key);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** How a key signs: roots that users bring may have RSA keys. */
  static String signatureAlgorithm(PrivateKey key) {
    return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
  }

  static byte[] pem(List<X509Certificate> chain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (X509Certificate certificate : chain) {
      bytes.writeBytes(Pem.encode(certificate));
    }
    return bytes.toByteArray();
  }
}
