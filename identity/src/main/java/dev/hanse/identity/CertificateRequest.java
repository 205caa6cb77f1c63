package dev.hanse.identity;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A new key and the request to certify it. The request names nobody: who the node is, the authority
 * decides.
 *
 * @param key EC P-256
 * @param pem the PKCS #10 request
 */
public record CertificateRequest(PrivateKey key, ByteString pem) {
  static final String SIGNATURE = "SHA256withECDSA";

  /** A fresh key and its request. */
  public static CertificateRequest create() {
    try {
      KeyPair pair = newKey();
      var signer = new JcaContentSignerBuilder(SIGNATURE).build(pair.getPrivate());
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
}
