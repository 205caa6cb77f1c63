package dev.hanse.identity.certificate;

import static dev.hanse.identity.certificate.IdentityException.Reason.MALFORMED;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A new key and the request to certify it. The request names nobody: who the node is, the authority
 * decides.
 *
 * @param key EC P-256
 * @param pem the PKCS #10 request
 */
public record CertificateRequest(PrivateKey key, ByteString pem) {
  private static final int REQUEST_BYTES_MAX = 8 * 1024;

  /** A fresh key and its request. */
  public static CertificateRequest create() {
    return of(newKey());
  }

  /** A request for the key that an identity has; the request's signature proves that it does. */
  public static CertificateRequest again(NodeIdentity identity) {
    return of(new KeyPair(identity.leaf().getPublicKey(), identity.key()));
  }

  private static CertificateRequest of(KeyPair pair) {
    try {
      var signer =
          new JcaContentSignerBuilder(Certificates.signatureAlgorithm(pair.getPrivate()))
              .build(pair.getPrivate());
      byte[] der =
          new JcaPKCS10CertificationRequestBuilder(new X500Name(""), pair.getPublic())
              .build(signer)
              .getEncoded();
      return new CertificateRequest(
          pair.getPrivate(), ByteString.copyFrom(Pem.encode("CERTIFICATE REQUEST", der)));
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("making a certificate request", e);
    }
  }

  static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has P-256", e);
    }
  }

  /**
   * The key that a request asks to certify.
   *
   * @throws IdentityException (MALFORMED) if it is no request or not signed by its own key
   */
  public static PublicKey requestedKey(byte[] requestPem) throws IdentityException {
    if (requestPem.length > REQUEST_BYTES_MAX) {
      throw new IdentityException(MALFORMED, "certificate request is too long");
    }
    try (var reader =
            new InputStreamReader(new ByteArrayInputStream(requestPem), StandardCharsets.US_ASCII);
        PEMParser parser = new PEMParser(reader)) {
      if (parser.readObject() instanceof PKCS10CertificationRequest request) {
        PublicKey publicKey = new JcaPKCS10CertificationRequest(request).getPublicKey();
        if (request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(publicKey))) {
          return publicKey;
        }
        throw new IdentityException(MALFORMED, "certificate request is not signed by its key");
      }
      throw new IdentityException(MALFORMED, "not a certificate request");
    } catch (IOException
        | GeneralSecurityException
        | OperatorCreationException
        | PKCSException
        | RuntimeException e) {
      throw new IdentityException(MALFORMED, "malformed certificate request", e);
    }
  }
}
