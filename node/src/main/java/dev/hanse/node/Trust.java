package dev.hanse.node;

import com.google.protobuf.ByteString;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.model.NodeTLSInfo;
import java.security.cert.X509Certificate;

/**
 * What a node tells its managers about its certificate, so that they see who still needs a new one.
 */
final class Trust {
  private Trust() {}

  /** The root that the node trusts, and the name and key of who signed its certificate. */
  static NodeTLSInfo of(NodeIdentity identity) {
    NodeTLSInfo.Builder trust =
        NodeTLSInfo.newBuilder()
            .setTrustRoot(ByteString.copyFrom(identity.root().pem()))
            .setCertIssuerSubject(
                ByteString.copyFrom(identity.leaf().getIssuerX500Principal().getEncoded()));
    identity.root().certificates().stream()
        .filter(root -> signed(root, identity))
        .findFirst()
        .ifPresent(
            root ->
                trust.setCertIssuerPublicKey(
                    ByteString.copyFrom(root.getPublicKey().getEncoded())));
    return trust.build();
  }

  private static boolean signed(X509Certificate root, NodeIdentity identity) {
    return root.getSubjectX500Principal().equals(identity.leaf().getIssuerX500Principal());
  }
}
