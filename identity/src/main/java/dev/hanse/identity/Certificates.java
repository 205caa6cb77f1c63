package dev.hanse.identity;

import static dev.hanse.identity.IdentityException.Reason.EXPIRED;
import static dev.hanse.identity.IdentityException.Reason.UNTRUSTED;

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

/** Checks on certificates that files and TLS share. */
final class Certificates {
  private static final byte[] PROBE = {'h', 'a', 'n', 's', 'e'};

  private Certificates() {}

  /** Is the chain signed by the root and valid now? */
  static void verify(List<X509Certificate> chain, RootCa root, Instant now)
      throws IdentityException {
    for (X509Certificate certificate : chain) {
      verifyPeriod(certificate, now);
    }
    try {
      PKIXParameters parameters = new PKIXParameters(root.anchors());
      // Removed nodes are refused by AccessControl, from the cluster object; there is no list to
      // ask.
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      var path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
      CertPathValidator.getInstance("PKIX").validate(path, parameters);
    } catch (GeneralSecurityException e) {
      throw new IdentityException(
          UNTRUSTED, "certificate is not signed by this cluster's root: " + e.getMessage(), e);
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
      Signature signature = Signature.getInstance("SHA256withECDSA");
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

  static byte[] pem(List<X509Certificate> chain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (X509Certificate certificate : chain) {
      bytes.writeBytes(Pem.encode(certificate));
    }
    return bytes.toByteArray();
  }
}
