package dev.hanse.docker.json;

import static dev.hanse.docker.json.CommonJson.lower;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.hanse.model.CAConfig;
import dev.hanse.model.Cluster;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.ExternalCA;
import dev.hanse.model.RaftConfig;
import dev.hanse.model.RootCA;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;

/** The swarm itself. */
public final class ClusterJson {
  private ClusterJson() {}

  /** {@code GET /swarm}: with the join tokens, for managers' eyes only. */
  public static ObjectNode swarm(Cluster cluster) {
    ObjectNode object = info(cluster);
    object
        .putObject("JoinTokens")
        .put("Worker", cluster.getRootCa().getJoinTokens().getWorker())
        .put("Manager", cluster.getRootCa().getJoinTokens().getManager());
    return object;
  }

  /** The part that {@code GET /info} shows. */
  public static ObjectNode info(Cluster cluster) {
    ObjectNode object = Json.object();
    object.put("ID", cluster.getId());
    CommonJson.meta(object, cluster.getMeta());
    object.set("Spec", spec(cluster.getSpec()));
    object.set("TLSInfo", tls(cluster.getRootCa()));
    object.put("RootRotationInProgress", cluster.getRootCa().hasRootRotation());
    if (cluster.getDefaultAddressPoolCount() == 0) {
      object.putNull("DefaultAddrPool");
    }
    Out.texts(object, "DefaultAddrPool", cluster.getDefaultAddressPoolList());
    object.put("SubnetSize", Integer.toUnsignedLong(cluster.getSubnetSize()));
    object.put("DataPathPort", Integer.toUnsignedLong(cluster.getVXLANUDPPort()));
    return object;
  }

  /** The root that is trusted, and who signs: while the root is replaced the next one. */
  private static ObjectNode tls(RootCA root) {
    return certificate(
            root.hasRootRotation() ? root.getRootRotation().getCaCert() : root.getCaCert())
        .map(
            authority ->
                NodeJson.tls(
                    root.getCaCert(),
                    ByteString.copyFrom(authority.getSubjectX500Principal().getEncoded()),
                    ByteString.copyFrom(authority.getPublicKey().getEncoded())))
        .orElseGet(() -> NodeJson.tls(root.getCaCert(), ByteString.EMPTY, ByteString.EMPTY));
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

  private static ObjectNode spec(ClusterSpec spec) {
    ObjectNode object = Json.object();
    CommonJson.annotations(object, spec.getAnnotations());
    object
        .putObject("Orchestration")
        .put("TaskHistoryRetentionLimit", spec.getOrchestration().getTaskHistoryRetentionLimit());
    RaftConfig raft = spec.getRaft();
    ObjectNode consensus = object.putObject("Raft");
    Out.number(consensus, "SnapshotInterval", raft.getSnapshotInterval());
    consensus.put("KeepOldSnapshots", raft.getKeepOldSnapshots());
    Out.number(consensus, "LogEntriesForSlowFollowers", raft.getLogEntriesForSlowFollowers());
    consensus.put("ElectionTick", Integer.toUnsignedLong(raft.getElectionTick()));
    consensus.put("HeartbeatTick", Integer.toUnsignedLong(raft.getHeartbeatTick()));
    Out.duration(
        object.putObject("Dispatcher"),
        "HeartbeatPeriod",
        spec.getDispatcher().getHeartbeatPeriod());
    authority(object.putObject("CAConfig"), spec.getCaConfig());
    ObjectNode defaults = object.putObject("TaskDefaults");
    if (spec.getTaskDefaults().hasLogDriver()) {
      defaults.set("LogDriver", CommonJson.driver(spec.getTaskDefaults().getLogDriver()));
    }
    object
        .putObject("EncryptionConfig")
        .put("AutoLockManagers", spec.getEncryptionConfig().getAutoLockManagers());
    return object;
  }

  /** Without the signing key, and without its certificate: a client sends back what it got. */
  private static void authority(ObjectNode object, CAConfig config) {
    Out.duration(object, "NodeCertExpiry", config.getNodeCertExpiry());
    Out.objects(
        object,
        "ExternalCAs",
        config.getExternalCasList(),
        external -> {
          ObjectNode authority = Json.object();
          authority.put("Protocol", lower(external.getProtocol()));
          authority.put("URL", external.getUrl());
          Out.map(authority, "Options", external.getOptionsMap());
          return authority.put("CACert", external.getCaCert().toStringUtf8());
        });
    Out.number(object, "ForceRotate", config.getForceRotate());
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
    String name = fields.text("Name");
    if (!name.isEmpty() && !name.equals("default")) {
      throw HttpFailure.invalid("swarm spec must be named \"default\"");
    }
    ClusterSpec.Builder spec = base.toBuilder();
    spec.getAnnotationsBuilder().setName("default");
    if (!fields.map("Labels").isEmpty()) {
      spec.getAnnotationsBuilder().clearLabels().putAllLabels(fields.map("Labels"));
    }
    fields
        .objectOrEmpty("Orchestration")
        .findNumber("TaskHistoryRetentionLimit")
        .ifPresent(spec.getOrchestrationBuilder()::setTaskHistoryRetentionLimit);
    raft(spec.getRaftBuilder(), fields.objectOrEmpty("Raft"));
    fields
        .objectOrEmpty("Dispatcher")
        .duration("HeartbeatPeriod")
        .filter(period -> Times.nanoseconds(period) != 0)
        .ifPresent(spec.getDispatcherBuilder()::setHeartbeatPeriod);
    authority(spec.getCaConfigBuilder(), fields.objectOrEmpty("CAConfig"));
    fields
        .objectOrEmpty("TaskDefaults")
        .object("LogDriver")
        .map(CommonJson::driver)
        .ifPresent(spec.getTaskDefaultsBuilder()::setLogDriver);
    spec.getEncryptionConfigBuilder()
        .setAutoLockManagers(fields.objectOrEmpty("EncryptionConfig").flag("AutoLockManagers"));
    return spec.build();
  }

  private static void raft(RaftConfig.Builder raft, Fields fields) {
    fields
        .findUnsigned("SnapshotInterval")
        .filter(n -> n != 0)
        .ifPresent(raft::setSnapshotInterval);
    fields.findUnsigned("KeepOldSnapshots").ifPresent(raft::setKeepOldSnapshots);
    fields
        .findUnsigned("LogEntriesForSlowFollowers")
        .filter(n -> n != 0)
        .ifPresent(raft::setLogEntriesForSlowFollowers);
    int heartbeat = fields.unsigned32("HeartbeatTick");
    if (heartbeat != 0) {
      raft.setHeartbeatTick(heartbeat);
    }
    int election = fields.unsigned32("ElectionTick");
    if (election != 0) {
      raft.setElectionTick(election);
    }
  }

  private static void authority(CAConfig.Builder config, Fields fields) {
    fields
        .duration("NodeCertExpiry")
        .filter(expiry -> Times.nanoseconds(expiry) != 0)
        .ifPresent(config::setNodeCertExpiry);
    if (!fields.text("SigningCACert").isEmpty()) {
      config.setSigningCaCert(ByteString.copyFromUtf8(fields.text("SigningCACert")));
    }
    if (!fields.text("SigningCAKey").isEmpty()) {
      config.setSigningCaKey(ByteString.copyFromUtf8(fields.text("SigningCAKey")));
    }
    // Docker takes an absent number for zero, and would replace the root for it.
    fields.findUnsigned("ForceRotate").filter(n -> n != 0).ifPresent(config::setForceRotate);
    config.clearExternalCas();
    for (Fields external : fields.objects("ExternalCAs")) {
      String protocol = external.text("Protocol");
      if (!protocol.equals("cfssl")) {
        throw HttpFailure.invalid("invalid protocol: \"" + protocol + "\"");
      }
      config.addExternalCas(
          ExternalCA.newBuilder()
              .setProtocol(ExternalCA.CAProtocol.CFSSL)
              .setUrl(external.text("URL"))
              .putAllOptions(external.map("Options"))
              .setCaCert(ByteString.copyFromUtf8(external.text("CACert"))));
    }
  }
}
