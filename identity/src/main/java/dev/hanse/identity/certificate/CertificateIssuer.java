package dev.hanse.identity.certificate;

import com.google.protobuf.ByteString;
import java.security.cert.X509Certificate;

/**
 * Who has signed a certificate: what a node reports of itself ({@code NodeTLSInfo}), and by which
 * managers see, while the root is replaced, which nodes still hold a certificate of the old one.
 * Both parts are needed, since the roots of one cluster have the same name.
 *
 * @param subject DER of the signer's name
 * @param publicKey DER of the signer's SubjectPublicKeyInfo
 */
public record CertificateIssuer(ByteString subject, ByteString publicKey) {
  static CertificateIssuer of(X509Certificate signer) {
    return new CertificateIssuer(
        ByteString.copyFrom(signer.getSubjectX500Principal().getEncoded()),
        ByteString.copyFrom(signer.getPublicKey().getEncoded()));
  }
}
