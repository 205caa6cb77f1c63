package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TEXTS;
import static dev.hanse.docker.field.Notations.UNSIGNED_32;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.ShownTable;
import dev.hanse.docker.field.Times;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.JoinTokens;
import dev.hanse.model.NodeTLSInfo;
import dev.hanse.model.RootCA;
import dev.hanse.web.HttpFailure;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;

/** The swarm itself. */
public final class ClusterJson {
  private static final ShownTable<JoinTokens> TOKENS =
      ShownTable.of(JoinTokens.class)
          .always("Worker", TEXT, JoinTokens::getWorker)
          .always("Manager", TEXT, JoinTokens::getManager)
          .build();

  private static final ShownTable<Cluster> INFO =
      ShownTable.of(Cluster.class)
          .always("ID", TEXT, Cluster::getId)
          .inline(CommonJson.META, Cluster::getMeta)
          .always("Spec", ClusterSpecJson.TABLE, Cluster::getSpec)
          .always("TLSInfo", NodeJson.TLS, cluster -> trust(cluster.getRootCa()))
          .always("RootRotationInProgress", FLAG, cluster -> cluster.getRootCa().hasRootRotation())
          .emptyAsNull("DefaultAddrPool", TEXTS, Cluster::getDefaultAddressPoolList)
          .always("SubnetSize", UNSIGNED_32, Cluster::getSubnetSize)
          .always("DataPathPort", UNSIGNED_32, Cluster::getVXLANUDPPort)
          .without("spec.ca_config.signing_ca_cert", "a client sends back what it got")
          .without("spec.ca_config.signing_ca_key", "a key")
          .without("root_ca.ca_key", "a key")
          .without("root_ca.ca_cert_hash", "part of the join tokens")
          .without("root_ca.join_tokens", "for managers' eyes only: GET /swarm")
          .without("root_ca.root_rotation.ca_cert", "its subject and key are shown")
          .without("root_ca.root_rotation.ca_key", "a key")
          .without("root_ca.root_rotation.cross_signed_ca_cert", "for nodes alone")
          .without("root_ca.last_forced_rotation", "swarmkit's own, beside what is wanted")
          .without("root_ca.predecessor_chain", "ours, for nodes alone")
          .without("network_bootstrap_keys", "keys")
          .without("encryption_key_lamport_clock", "the keys' number")
          .without("blacklisted_certificates", "swarmkit's own, which no API shows")
          .without("unlock_keys", "keys; GET /swarm/unlockkey")
          .without("fips", "swarmkit's own, which no API shows")
          .without("gossip_keys_rotated_at", "ours, for the keeper of keys")
          .build();

  private ClusterJson() {}

  /** {@code GET /swarm}: with the join tokens, for managers' eyes only. */
  public static ObjectNode swarm(Cluster cluster) {
    ObjectNode object = info(cluster);
    object.set("JoinTokens", TOKENS.show(cluster.getRootCa().getJoinTokens()));
    return object;
  }

  /** The part that {@code GET /info} shows. */
  public static ObjectNode info(Cluster cluster) {
    return INFO.show(cluster);
  }

  /** The root that is trusted, and who signs: while the root is replaced the next one. */
  private static NodeTLSInfo trust(RootCA root) {
    NodeTLSInfo.Builder trust = NodeTLSInfo.newBuilder().setTrustRoot(root.getCaCert());
    certificate(root.hasRootRotation() ? root.getRootRotation().getCaCert() : root.getCaCert())
        .ifPresent(
            authority ->
                trust
                    .setCertIssuerSubject(
                        ByteString.copyFrom(authority.getSubjectX500Principal().getEncoded()))
                    .setCertIssuerPublicKey(
                        ByteString.copyFrom(authority.getPublicKey().getEncoded())));
    return trust.build();
  }

  private static Optional<X509Certificate> certificate(ByteString pem) {
    try {
      return CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(pem.toByteArray()))
              instanceof X509Certificate certificate
          ? Optional.of(certificate)
          : Optional.empty();
    } catch (CertificateException e) {
      return Optional.empty(); // shown without its issuer, as Docker does
    }
  }

  /** The settings of a new swarm: what a client wants over Docker's defaults. */
  public static ClusterSpec initial(Fields fields) {
    ClusterSpec.Builder defaults = ClusterSpec.newBuilder();
    defaults.getOrchestrationBuilder().setTaskHistoryRetentionLimit(5);
    defaults
        .getRaftBuilder()
        .setSnapshotInterval(10_000)
        .setLogEntriesForSlowFollowers(500)
        .setElectionTick(10)
        .setHeartbeatTick(1);
    defaults
        .getDispatcherBuilder()
        .setHeartbeatPeriod(Times.duration(Duration.ofSeconds(5).toNanos()));
    defaults.getCaConfigBuilder().setNodeCertExpiry(Times.duration(Duration.ofDays(90).toNanos()));
    return over(defaults.build(), fields);
  }

  /**
   * Puts what a client wants over the present or default settings: what is absent, or zero, stays.
   * The external authorities are those that the client names and no others.
   *
   * @throws HttpFailure 400 if it is not for a swarm named "default" or otherwise malformed
   */
  public static ClusterSpec over(ClusterSpec base, Fields fields) {
    ClusterSpec.Builder spec = base.toBuilder();
    ClusterSpecJson.TABLE.readInto(spec, fields);
    return spec.build();
  }
}
