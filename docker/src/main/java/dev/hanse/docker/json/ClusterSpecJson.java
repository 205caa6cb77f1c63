package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.DURATION;
import static dev.hanse.docker.field.Notations.FLAG;
import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.NUMBER;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TEXT_BYTES;
import static dev.hanse.docker.field.Notations.UNSIGNED;
import static dev.hanse.docker.field.Notations.UNSIGNED_32;
import static dev.hanse.docker.field.Notations.list;

import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.Words;
import dev.hanse.model.Annotations;
import dev.hanse.model.CAConfig;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.DispatcherConfig;
import dev.hanse.model.EncryptionConfig;
import dev.hanse.model.ExternalCA;
import dev.hanse.model.ExternalCA.CAProtocol;
import dev.hanse.model.OrchestrationConfig;
import dev.hanse.model.RaftConfig;
import dev.hanse.model.TaskDefaults;
import dev.hanse.web.HttpFailure;

/**
 * The swarm's settings. They are read over those in effect: what a client leaves out, or zero where
 * that means nothing, stays as it is.
 */
final class ClusterSpecJson {
  private static final FieldTable<Annotations, Annotations.Builder> ANNOTATIONS =
      FieldTable.of(Annotations::newBuilder, Annotations.Builder::build)
          .line("Name", TEXT.unlessEmpty(), Annotations::getName, Annotations.Builder::setName)
          .always(
              "Labels",
              MAP.unlessEmpty(),
              Annotations::getLabelsMap,
              (annotations, labels) -> annotations.clearLabels().putAllLabels(labels))
          .without("indices", "swarmkit's own, for its store")
          .build();

  private static final FieldTable<OrchestrationConfig, OrchestrationConfig.Builder> ORCHESTRATION =
      FieldTable.of(OrchestrationConfig::newBuilder, OrchestrationConfig.Builder::build)
          .always(
              "TaskHistoryRetentionLimit",
              NUMBER,
              OrchestrationConfig::getTaskHistoryRetentionLimit,
              OrchestrationConfig.Builder::setTaskHistoryRetentionLimit)
          .build();

  private static final FieldTable<RaftConfig, RaftConfig.Builder> RAFT =
      FieldTable.of(RaftConfig::newBuilder, RaftConfig.Builder::build)
          .line(
              "SnapshotInterval",
              UNSIGNED.unlessEmpty(),
              RaftConfig::getSnapshotInterval,
              RaftConfig.Builder::setSnapshotInterval)
          .always(
              "KeepOldSnapshots",
              UNSIGNED,
              RaftConfig::getKeepOldSnapshots,
              RaftConfig.Builder::setKeepOldSnapshots)
          .line(
              "LogEntriesForSlowFollowers",
              UNSIGNED.unlessEmpty(),
              RaftConfig::getLogEntriesForSlowFollowers,
              RaftConfig.Builder::setLogEntriesForSlowFollowers)
          .always(
              "ElectionTick",
              UNSIGNED_32.unlessEmpty(),
              RaftConfig::getElectionTick,
              RaftConfig.Builder::setElectionTick)
          .always(
              "HeartbeatTick",
              UNSIGNED_32.unlessEmpty(),
              RaftConfig::getHeartbeatTick,
              RaftConfig.Builder::setHeartbeatTick)
          .build();

  private static final FieldTable<DispatcherConfig, DispatcherConfig.Builder> DISPATCHER =
      FieldTable.of(DispatcherConfig::newBuilder, DispatcherConfig.Builder::build)
          .line(
              "HeartbeatPeriod",
              DURATION.unlessEmpty(),
              DispatcherConfig::getHeartbeatPeriod,
              DispatcherConfig.Builder::setHeartbeatPeriod)
          .build();

  private static final FieldTable<ExternalCA, ExternalCA.Builder> EXTERNAL =
      FieldTable.of(ExternalCA::newBuilder, ExternalCA.Builder::build)
          .always(
              "Protocol",
              Words.required(CAProtocol.CFSSL, text -> "invalid protocol: \"" + text + "\""),
              ExternalCA::getProtocol,
              ExternalCA.Builder::setProtocol)
          .always("URL", TEXT, ExternalCA::getUrl, ExternalCA.Builder::setUrl)
          .line("Options", MAP, ExternalCA::getOptionsMap, ExternalCA.Builder::putAllOptions)
          .always("CACert", TEXT_BYTES, ExternalCA::getCaCert, ExternalCA.Builder::setCaCert)
          .build();

  /** Shown without the signing key and its certificate: a client sends back what it got. */
  private static final FieldTable<CAConfig, CAConfig.Builder> AUTHORITY =
      FieldTable.of(CAConfig::newBuilder, CAConfig.Builder::build)
          .line(
              "NodeCertExpiry",
              DURATION.unlessEmpty(),
              CAConfig::getNodeCertExpiry,
              CAConfig.Builder::setNodeCertExpiry)
          .also((fields, config) -> config.clearExternalCas())
          .line(
              "ExternalCAs",
              list(EXTERNAL),
              CAConfig::getExternalCasList,
              CAConfig.Builder::addAllExternalCas)
          .secret(
              "SigningCACert",
              TEXT_BYTES.unlessEmpty(),
              CAConfig::getSigningCaCert,
              CAConfig.Builder::setSigningCaCert)
          .secret(
              "SigningCAKey",
              TEXT_BYTES.unlessEmpty(),
              CAConfig::getSigningCaKey,
              CAConfig.Builder::setSigningCaKey)
          // Docker takes an absent number for zero, and would replace the root for it.
          .line(
              "ForceRotate",
              UNSIGNED.unlessEmpty(),
              CAConfig::getForceRotate,
              CAConfig.Builder::setForceRotate)
          .build();

  private static final FieldTable<TaskDefaults, TaskDefaults.Builder> DEFAULTS =
      FieldTable.of(TaskDefaults::newBuilder, TaskDefaults.Builder::build)
          .optional(
              "LogDriver",
              CommonJson.DRIVER,
              TaskDefaults::hasLogDriver,
              TaskDefaults::getLogDriver,
              TaskDefaults.Builder::setLogDriver)
          .build();

  private static final FieldTable<EncryptionConfig, EncryptionConfig.Builder> ENCRYPTION =
      FieldTable.of(EncryptionConfig::newBuilder, EncryptionConfig.Builder::build)
          .always(
              "AutoLockManagers",
              FLAG.orElse(false),
              EncryptionConfig::getAutoLockManagers,
              EncryptionConfig.Builder::setAutoLockManagers)
          .build();

  /** All of them. */
  static final FieldTable<ClusterSpec, ClusterSpec.Builder> TABLE =
      FieldTable.of(ClusterSpec::newBuilder, ClusterSpec.Builder::build)
          .also(ClusterSpecJson::nameDefault)
          .inline(
              ANNOTATIONS, ClusterSpec::getAnnotations, ClusterSpec.Builder::getAnnotationsBuilder)
          .part(
              "Orchestration",
              ORCHESTRATION,
              ClusterSpec::getOrchestration,
              ClusterSpec.Builder::getOrchestrationBuilder)
          .part("Raft", RAFT, ClusterSpec::getRaft, ClusterSpec.Builder::getRaftBuilder)
          .part(
              "Dispatcher",
              DISPATCHER,
              ClusterSpec::getDispatcher,
              ClusterSpec.Builder::getDispatcherBuilder)
          .part(
              "CAConfig",
              AUTHORITY,
              ClusterSpec::getCaConfig,
              ClusterSpec.Builder::getCaConfigBuilder)
          .part(
              "TaskDefaults",
              DEFAULTS,
              ClusterSpec::getTaskDefaults,
              ClusterSpec.Builder::getTaskDefaultsBuilder)
          .part(
              "EncryptionConfig",
              ENCRYPTION,
              ClusterSpec::getEncryptionConfig,
              ClusterSpec.Builder::getEncryptionConfigBuilder)
          .without("acceptance_policy", "swarmkit has given it up for join tokens")
          .build();

  private ClusterSpecJson() {}

  private static void nameDefault(Fields fields, ClusterSpec.Builder spec) {
    String name = fields.text("Name");
    if (!name.isEmpty() && !name.equals("default")) {
      throw HttpFailure.invalid("swarm spec must be named \"default\"");
    }
    spec.getAnnotationsBuilder().setName("default");
  }
}
