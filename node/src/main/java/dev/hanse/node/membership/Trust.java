package dev.hanse.node.membership;

import com.google.protobuf.ByteString;
import dev.hanse.identity.certificate.CertificateIssuer;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.model.NodeTLSInfo;

/**
 * What a node tells its managers about its certificate, so that they see who still needs a new one.
 */
final class Trust {
  private Trust() {}

  /** The root that the node trusts, and the name and key of who signed its certificate. */
  static NodeTLSInfo of(NodeIdentity identity) {
    CertificateIssuer issuer = identity.issuer();
    return NodeTLSInfo.newBuilder()
        .setTrustRoot(ByteString.copyFrom(identity.root().pem()))
        .setCertIssuerSubject(issuer.subject())
        .setCertIssuerPublicKey(issuer.publicKey())
        .build();
  }
}
