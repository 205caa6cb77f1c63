package dev.hanse.manager;

import com.google.protobuf.ByteString;
import dev.hanse.control.Times;
import dev.hanse.identity.certificate.CertificateRequest;
import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.JoinToken;
import dev.hanse.identity.certificate.NodeIdentity;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import dev.hanse.model.Certificate;
import dev.hanse.model.Cluster;
import dev.hanse.model.Ids;
import dev.hanse.model.IssuanceStatus;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.NodeRole;
import dev.hanse.model.RootCA;
import java.security.SecureRandom;
import java.time.Duration;
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
    try {
      return of(
          authority,
          Ids.random(random),
          SigningAuthority.NODE_LIFETIME_DEFAULT,
          rootCa(authority, random),
          now,
          random);
    } catch (IdentityException e) {
      throw new IllegalStateException("a new root refuses its own certificate", e);
    }
  }

  /**
   * A new manager's identity in a cluster whose authority is in the cluster object.
   *
   * @throws IdentityException if the authority is unusable, or has expired
   */
  static NewCluster restored(Cluster cluster, Instant now, SecureRandom random)
      throws IdentityException {
    RootCA rootCa = cluster.getRootCa();
    SigningAuthority authority =
        SigningAuthority.of(
            rootCa.getCaCert().toByteArray(), rootCa.getCaKey().toByteArray(), random);
    Duration lifetime = Times.duration(cluster.getSpec().getCaConfig().getNodeCertExpiry());
    return of(authority, cluster.getId(), lifetime, rootCa, now, random);
  }

  private static NewCluster of(
      SigningAuthority authority,
      String clusterId,
      Duration lifetime,
      RootCA rootCa,
      Instant now,
      SecureRandom random)
      throws IdentityException {
    CertificateRequest request = CertificateRequest.create();
    String nodeId = Ids.random(random);
    byte[] pem =
        authority.sign(request.pem().toByteArray(), nodeId, Role.MANAGER, clusterId, lifetime, now);
    return new NewCluster(
        NodeIdentity.of(pem, request.key(), authority.root(), now),
        certificate(nodeId, request, pem),
        rootCa);
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
