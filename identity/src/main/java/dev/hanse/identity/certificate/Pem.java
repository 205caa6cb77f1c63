package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** Text form of certificates and keys (RFC 7468). */
public final class Pem {
  /** More than any chain or bundle of ours; what is longer comes from somewhere else. */
  static final int BYTES_MAX = 64 * 1024;

  private static final String PKCS8_HEADER = "-----BEGIN PRIVATE KEY-----";
  private static final String PKCS8_FOOTER = "-----END PRIVATE KEY-----";

  private Pem() {}

  /** Its PEM text. */
  public static byte[] encode(String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    String text = "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Its PEM text. */
  public static byte[] encode(X509Certificate certificate) {
    try {
      return encode("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateException e) {
      throw new IllegalStateException("encoding a certificate that was parsed before", e);
    }
  }

  /** Its PEM text. */
  public static byte[] encode(PrivateKey key) {
    return encode("PRIVATE KEY", key.getEncoded());
  }

  /** All certificates of a bundle, at least one. */
  public static List<X509Certificate> certificates(byte[] pem) throws IdentityException {
    if (pem.length > BYTES_MAX) {
      throw new IdentityException(MALFORMED, "certificate bundle of " + pem.length + " bytes");
    }
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (var certificate : factory.generateCertificates(new ByteArrayInputStream(pem))) {
        certificates.add((X509Certificate) certificate);
      }
    } catch (CertificateException | RuntimeException e) {
      throw new IdentityException(MALFORMED, "invalid certificate: " + e.getMessage(), e);
    }
    if (certificates.isEmpty()) {
      throw new IdentityException(MALFORMED, "no certificate found");
    }
    return List.copyOf(certificates);
  }

  /**
   * A private key, PKCS#8 (as nodes keep theirs) or SEC 1 and PKCS#1 (as Docker stores the
   * authority's).
   */
  public static PrivateKey privateKey(byte[] pem) throws IdentityException {
    if (pem.length > BYTES_MAX) {
      throw new IdentityException(MALFORMED, "private key of " + pem.length + " bytes");
    }
    String text = new String(pem, StandardCharsets.US_ASCII);
    int begin = text.indexOf(PKCS8_HEADER);
    int end = text.indexOf(PKCS8_FOOTER);
    try {
      if (begin >= 0 && end > begin) {
        return pkcs8(text.substring(begin + PKCS8_HEADER.length(), end));
      }
      return sec1(pem);
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      // The parsers of others throw whatever their inner ones throw.
      throw new IdentityException(MALFORMED, "malformed private key", e);
    }
  }

  private static PrivateKey pkcs8(String body) throws GeneralSecurityException {
    StringBuilder base64 = new StringBuilder(body.length());
    // Lines with a colon are headers (Docker keeps its key-encryption version there).
    body.lines().filter(line -> line.indexOf(':') < 0).forEach(line -> base64.append(line.strip()));
    byte[] der = Base64.getDecoder().decode(base64.toString());
    PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(der);
    try {
      return KeyFactory.getInstance("EC").generatePrivate(encoded);
    } catch (InvalidKeySpecException e) {
      // A user's root may have an RSA key.
      return KeyFactory.getInstance("RSA").generatePrivate(encoded);
    }
  }

  private static PrivateKey sec1(byte[] pem) throws IOException, GeneralSecurityException {
    try (var reader =
            new InputStreamReader(new ByteArrayInputStream(pem), StandardCharsets.US_ASCII);
        PEMParser parser = new PEMParser(reader)) {
      Object found = parser.readObject();
      if (found instanceof PEMKeyPair pair) {
        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
      }
      throw new GeneralSecurityException("no private key found");
    }
  }
}
