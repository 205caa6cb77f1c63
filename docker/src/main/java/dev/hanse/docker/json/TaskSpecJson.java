package dev.hanse.docker.json;

import static dev.hanse.docker.field.Notations.DURATION;
import static dev.hanse.docker.field.Notations.MAP;
import static dev.hanse.docker.field.Notations.TEXT;
import static dev.hanse.docker.field.Notations.TEXTS;
import static dev.hanse.docker.field.Notations.UNSIGNED;
import static dev.hanse.docker.field.Notations.list;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.field.FieldTable;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.field.Words;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.Placement;
import dev.hanse.model.PlacementPreference;
import dev.hanse.model.Platform;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.RestartPolicy.RestartCondition;
import dev.hanse.model.SpreadOver;
import dev.hanse.model.TaskSpec;
import dev.hanse.web.HttpFailure;
import java.util.List;

/** What a service's tasks are made of (Docker's TaskTemplate). */
final class TaskSpecJson {
  private static final FieldTable<RestartPolicy, RestartPolicy.Builder> RESTART =
      FieldTable.of(RestartPolicy::newBuilder, RestartPolicy.Builder::build)
          .always(
              "Condition",
              Words.of(RestartCondition.ANY, text -> "invalid RestartCondition: \"" + text + "\""),
              RestartPolicy::getCondition,
              RestartPolicy.Builder::setCondition)
          .optional(
              "Delay",
              DURATION,
              RestartPolicy::hasDelay,
              RestartPolicy::getDelay,
              RestartPolicy.Builder::setDelay)
          .always(
              "MaxAttempts",
              UNSIGNED,
              RestartPolicy::getMaxAttempts,
              RestartPolicy.Builder::setMaxAttempts)
          .optional(
              "Window",
              DURATION,
              RestartPolicy::hasWindow,
              RestartPolicy::getWindow,
              RestartPolicy.Builder::setWindow)
          .build();

  private static final FieldTable<SpreadOver, SpreadOver.Builder> SPREAD =
      FieldTable.of(SpreadOver::newBuilder, SpreadOver.Builder::build)
          .always(
              "SpreadDescriptor",
              TEXT,
              SpreadOver::getSpreadDescriptor,
              SpreadOver.Builder::setSpreadDescriptor)
          .build();

  private static final FieldTable<PlacementPreference, PlacementPreference.Builder> PREFERENCE =
      FieldTable.of(PlacementPreference::newBuilder, PlacementPreference.Builder::build)
          .optional(
              "Spread",
              SPREAD,
              PlacementPreference::hasSpread,
              PlacementPreference::getSpread,
              PlacementPreference.Builder::setSpread)
          .build();

  /** A kind of host. */
  static final FieldTable<Platform, Platform.Builder> PLATFORM =
      FieldTable.of(Platform::newBuilder, Platform.Builder::build)
          .line("Architecture", TEXT, Platform::getArchitecture, Platform.Builder::setArchitecture)
          .line("OS", TEXT, Platform::getOs, Platform.Builder::setOs)
          .build();

  private static final FieldTable<Placement, Placement.Builder> PLACEMENT =
      FieldTable.of(Placement::newBuilder, Placement.Builder::build)
          .line(
              "Constraints",
              TEXTS,
              Placement::getConstraintsList,
              Placement.Builder::addAllConstraints)
          .line(
              "Preferences",
              list(PREFERENCE, PlacementPreference::hasSpread),
              Placement::getPreferencesList,
              Placement.Builder::addAllPreferences)
          .line(
              "MaxReplicas", UNSIGNED, Placement::getMaxReplicas, Placement.Builder::setMaxReplicas)
          .line(
              "Platforms",
              list(PLATFORM),
              Placement::getPlatformsList,
              Placement.Builder::addAllPlatforms)
          .build();

  /** A network that tasks take part in. */
  static final FieldTable<NetworkAttachmentConfig, NetworkAttachmentConfig.Builder> NETWORK =
      FieldTable.of(NetworkAttachmentConfig::newBuilder, NetworkAttachmentConfig.Builder::build)
          .line(
              "Target",
              TEXT,
              NetworkAttachmentConfig::getTarget,
              NetworkAttachmentConfig.Builder::setTarget)
          .line(
              "Aliases",
              TEXTS,
              NetworkAttachmentConfig::getAliasesList,
              NetworkAttachmentConfig.Builder::addAllAliases)
          .line(
              "DriverOpts",
              MAP,
              NetworkAttachmentConfig::getDriverAttachmentOptsMap,
              NetworkAttachmentConfig.Builder::putAllDriverAttachmentOpts)
          .without("addresses", "asked for by an engine that attaches a container, not by clients")
          .build();

  /** A task's own specification. */
  static final FieldTable<TaskSpec, TaskSpec.Builder> TABLE =
      FieldTable.of(TaskSpec::newBuilder, TaskSpec.Builder::build)
          .other(TaskSpecJson::showRuntime, TaskSpecJson::readRuntime)
          .other(ResourcesJson::show, ResourcesJson::read)
          .optional(
              "RestartPolicy",
              RESTART,
              TaskSpec::hasRestart,
              TaskSpec::getRestart,
              TaskSpec.Builder::setRestart)
          .optional(
              "Placement",
              PLACEMENT,
              TaskSpec::hasPlacement,
              TaskSpec::getPlacement,
              TaskSpec.Builder::setPlacement)
          .line(
              "Networks",
              list(NETWORK),
              TaskSpec::getNetworksList,
              TaskSpec.Builder::addAllNetworks)
          .optional(
              "LogDriver",
              CommonJson.DRIVER,
              TaskSpec::hasLogDriver,
              TaskSpec::getLogDriver,
              TaskSpec.Builder::setLogDriver)
          .always(
              "ForceUpdate", UNSIGNED, TaskSpec::getForceUpdate, TaskSpec.Builder::setForceUpdate)
          .other(TaskSpecJson::showAttachment, (fields, spec) -> {})
          .onlyShown("attachment", "only engines attach containers, by another call")
          .without("generic", "a template names it, a task does not: template()")
          .without("resource_references", "swarmkit's own, for what its dispatcher sends")
          .build();

  private TaskSpecJson() {}

  /** A service's template: it names its runtime, and networks given in the old place count. */
  static ObjectNode template(TaskSpec spec, List<NetworkAttachmentConfig> oldNetworks) {
    TaskSpec complete =
        spec.getNetworksCount() == 0 && !oldNetworks.isEmpty()
            ? spec.toBuilder().addAllNetworks(oldNetworks).build()
            : spec;
    ObjectNode object = TABLE.show(complete);
    switch (spec.getRuntimeCase()) {
      case CONTAINER -> object.put("Runtime", "container");
      case GENERIC -> object.put("Runtime", spec.getGeneric().getKind());
      case ATTACHMENT, RUNTIME_NOT_SET -> {}
    }
    return object;
  }

  private static void showRuntime(TaskSpec spec, ObjectNode object) {
    if (spec.hasContainer()) {
      object.set("ContainerSpec", ContainerSpecJson.TABLE.show(spec.getContainer()));
    }
    if (spec.hasAttachment()) {
      object
          .putObject("NetworkAttachmentSpec")
          .put("ContainerID", spec.getAttachment().getContainerId());
    }
  }

  private static void showAttachment(TaskSpec spec, ObjectNode object) {
    if (spec.hasAttachment()) {
      object.put("Runtime", "attachment");
    }
  }

  private static void readRuntime(Fields fields, TaskSpec.Builder spec) {
    String runtime = fields.text("Runtime");
    if (!runtime.isEmpty() && !runtime.equals("container")) {
      throw HttpFailure.invalid("unsupported runtime");
    }
    spec.setContainer(
        fields
            .object("ContainerSpec")
            .map(ContainerSpecJson.TABLE::read)
            .orElseThrow(() -> HttpFailure.invalid("mismatched Runtime and *Spec fields")));
  }
}
