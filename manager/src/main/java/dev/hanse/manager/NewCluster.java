package dev.hanse.manager;

import com.google.protobuf.ByteString;
import dev.hanse.identity.CertificateRequest;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.JoinToken;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.Role;
import dev.hanse.identity.SigningAuthority;
import dev.hanse.model.Certificate;
import dev.hanse.model.Ids;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.NodeRole;
import dev.hanse.model.RootCA;
import java.security.SecureRandom;
import java.time.Instant;

/**
 * The keys and certificates of a cluster that begins.
 *
 * @param identity of the first manager
 * @param certificate the same for its node object
 * @param rootCa for the cluster object
 */
record NewCluster(NodeIdentity identity, Certificate certificate, RootCA rootCa) {

  static NewCluster create(Instant now, SecureRandom random) {
    SigningAuthority authority = SigningAuthority.create(now, random);
    CertificateRequest request = CertificateRequest.create();
    String nodeId = Ids.random(random);
    String clusterId = Ids.random(random);
    try {
      byte[] pem =
          authority.sign(
              request.pem().toByteArray(),
              nodeId,
              Role.MANAGER,
              clusterId,
              SigningAuthority.NODE_LIFETIME_DEFAULT,
              now);
      return new NewCluster(
          NodeIdentity.of(pem, request.key(), authority.root(), now),
          certificate(nodeId, request, pem),
          rootCa(authority, random));
    } catch (IdentityException e) {
      throw new IllegalStateException("a new root refuses its own certificate", e);
    }
  }

  private static Certificate certificate(String nodeId, CertificateRequest request, byte[] pem) {
    return Certificate.newBuilder()
        .setRole(NodeRole.MANAGER)
        .setCsr(request.pem())
        .setStatus(IssuanceStatus.newBuilder().setState(IssuanceStatus.State.ISSUED))
        .setCertificate(ByteString.copyFrom(pem))
        .setCn(nodeId)
        .build();
  }

  private static RootCA rootCa(SigningAuthority authority, SecureRandom random) {
    return RootCA.newBuilder()
        .setCaKey(ByteString.copyFrom(authority.keyPem()))
        .setCaCert(ByteString.copyFrom(authority.root().pem()))
        .setCaCertHash(authority.root().digest())
        .setJoinTokens(
            JoinTokens.newBuilder()
                .setWorker(JoinToken.generate(authority.root(), random).toString())
                .setManager(JoinToken.generate(authority.root(), random).toString()))
        .build();
  }
}
