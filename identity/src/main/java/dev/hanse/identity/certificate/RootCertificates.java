package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Makes the certificates of authorities: roots, and what lets one root vouch for the next. */
public final class RootCertificates {
  private static final int SERIAL_BITS = 159;

  private RootCertificates() {}

  /** A certificate that the key vouches for itself. */
  public static byte[] selfSigned(
      KeyPair pair, X500Name name, Instant notBefore, Instant notAfter, SecureRandom random) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              new BigInteger(SERIAL_BITS, random),
              Date.from(notBefore),
              Date.from(notAfter),
              name,
              pair.getPublic());
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      return Pem.encode("CERTIFICATE", sign(builder, pair.getPrivate()));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("making a root certificate", e);
    }
  }

  /**
   * The other root's certificate, signed by this one: the same name, key, life and extensions. Who
   * trusts {@code issuer} will then also trust what the other root signs.
   */
  static byte[] crossSigned(X509Certificate other, X509Certificate issuer, PrivateKey issuerKey) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              other.getSerialNumber(),
              other.getNotBefore(),
              other.getNotAfter(),
              other.getSubjectX500Principal(),
              other.getPublicKey());
      Extensions extensions = new JcaX509CertificateHolder(other).getExtensions();
      for (ASN1ObjectIdentifier name : extensions.getExtensionOIDs()) {
        if (!name.equals(Extension.authorityKeyIdentifier)) {
          builder.addExtension(extensions.getExtension(name));
        }
      }
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer.getPublicKey()));
      return Pem.encode("CERTIFICATE", sign(builder, issuerKey));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cross-signing a root certificate", e);
    }
  }

  /** The root's request to another authority for such a certificate. */
  static byte[] crossSigningRequest(X509Certificate root, PrivateKey key) {
    try {
      byte[] der =
          new JcaPKCS10CertificationRequestBuilder(
                  root.getSubjectX500Principal(), root.getPublicKey())
              .build(signer(key))
              .getEncoded();
      return Pem.encode("CERTIFICATE REQUEST", der);
    } catch (IOException e) {
      throw new IllegalStateException("making a request for cross-signing", e);
    }
  }

  /** The one certificate of a root that is to sign. */
  static X509Certificate only(RootCa root) throws IdentityException {
    if (root.certificates().size() != 1) {
      throw new IdentityException(
          MALFORMED, "the desired CA certificate cannot contain multiple certificates");
    }
    return root.certificates().getFirst();
  }

  static byte[] sign(X509v3CertificateBuilder builder, PrivateKey key) throws IOException {
    return builder.build(signer(key)).getEncoded();
  }

  private static ContentSigner signer(PrivateKey key) {
    try {
      return new JcaContentSignerBuilder(Certificates.signatureAlgorithm(key)).build(key);
    } catch (OperatorCreationException e) {
      throw new IllegalStateException("every Java runtime signs with ECDSA and RSA", e);
    }
  }

  /** Is there at least this much left of the root's life? */
  static boolean lives(X509Certificate root, Duration atLeast, Instant now) {
    return !root.getNotAfter().toInstant().isBefore(now.plus(atLeast));
  }
}
