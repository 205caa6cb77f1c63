package dev.hanse.docker.json;

import static dev.hanse.docker.json.CommonJson.hyphenated;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.NetworkAttachmentConfig;
import dev.hanse.model.Placement;
import dev.hanse.model.PlacementPreference;
import dev.hanse.model.Platform;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.SpreadOver;
import dev.hanse.model.TaskSpec;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.List;
import java.util.Optional;

/** What a service's tasks are made of (Docker's TaskTemplate). */
final class TaskSpecJson {
  private TaskSpecJson() {}

  /** A task's own specification. */
  static ObjectNode spec(TaskSpec spec) {
    ObjectNode object = Json.object();
    if (spec.hasContainer()) {
      object.set("ContainerSpec", ContainerSpecJson.spec(spec.getContainer()));
    }
    if (spec.hasAttachment()) {
      object
          .putObject("NetworkAttachmentSpec")
          .put("ContainerID", spec.getAttachment().getContainerId());
    }
    ResourcesJson.requirements(
            spec.hasResources() ? Optional.of(spec.getResources()) : Optional.empty(),
            spec.getContainer().getPidsLimit())
        .ifPresent(resources -> object.set("Resources", resources));
    if (spec.hasRestart()) {
      object.set("RestartPolicy", restart(spec.getRestart()));
    }
    if (spec.hasPlacement()) {
      object.set("Placement", placement(spec.getPlacement()));
    }
    Out.objects(object, "Networks", spec.getNetworksList(), TaskSpecJson::network);
    if (spec.hasLogDriver()) {
      object.set("LogDriver", CommonJson.driver(spec.getLogDriver()));
    }
    object.put("ForceUpdate", spec.getForceUpdate());
    if (spec.hasAttachment()) {
      object.put("Runtime", "attachment");
    }
    return object;
  }

  /** A service's template: it names its runtime, and networks given in the old place count. */
  static ObjectNode template(TaskSpec spec, List<NetworkAttachmentConfig> oldNetworks) {
    TaskSpec complete =
        spec.getNetworksCount() == 0 ? spec.toBuilder().addAllNetworks(oldNetworks).build() : spec;
    ObjectNode object = spec(complete);
    switch (spec.getRuntimeCase()) {
      case CONTAINER -> object.put("Runtime", "container");
      case GENERIC -> object.put("Runtime", spec.getGeneric().getKind());
      case ATTACHMENT, RUNTIME_NOT_SET -> {}
    }
    return object;
  }

  private static ObjectNode restart(RestartPolicy policy) {
    ObjectNode object = Json.object();
    object.put("Condition", hyphenated(policy.getCondition()));
    if (policy.hasDelay()) {
      object.put("Delay", Times.nanoseconds(policy.getDelay()));
    }
    object.put("MaxAttempts", policy.getMaxAttempts());
    if (policy.hasWindow()) {
      object.put("Window", Times.nanoseconds(policy.getWindow()));
    }
    return object;
  }

  private static ObjectNode placement(Placement placement) {
    ObjectNode object = Json.object();
    Out.texts(object, "Constraints", placement.getConstraintsList());
    Out.objects(
        object,
        "Preferences",
        placement.getPreferencesList().stream().filter(PlacementPreference::hasSpread).toList(),
        preference -> {
          ObjectNode spread = Json.object();
          spread
              .putObject("Spread")
              .put("SpreadDescriptor", preference.getSpread().getSpreadDescriptor());
          return spread;
        });
    Out.number(object, "MaxReplicas", placement.getMaxReplicas());
    Out.objects(object, "Platforms", placement.getPlatformsList(), TaskSpecJson::platform);
    return object;
  }

  static ObjectNode platform(Platform platform) {
    ObjectNode object = Json.object();
    Out.text(object, "Architecture", platform.getArchitecture());
    Out.text(object, "OS", platform.getOs());
    return object;
  }

  private static ObjectNode network(NetworkAttachmentConfig config) {
    ObjectNode object = Json.object();
    Out.text(object, "Target", config.getTarget());
    Out.texts(object, "Aliases", config.getAliasesList());
    Out.map(object, "DriverOpts", config.getDriverAttachmentOptsMap());
    return object;
  }

  static TaskSpec spec(Fields fields) {
    TaskSpec.Builder spec = TaskSpec.newBuilder().setForceUpdate(fields.unsigned("ForceUpdate"));
    fields.object("Resources").map(ResourcesJson::requirements).ifPresent(spec::setResources);
    spec.setContainer(container(fields));
    fields.object("RestartPolicy").map(TaskSpecJson::restart).ifPresent(spec::setRestart);
    fields.object("Placement").map(TaskSpecJson::placement).ifPresent(spec::setPlacement);
    fields.objects("Networks").forEach(network -> spec.addNetworks(network(network)));
    fields.object("LogDriver").map(CommonJson::driver).ifPresent(spec::setLogDriver);
    return spec.build();
  }

  private static ContainerSpec container(Fields fields) {
    String runtime = fields.text("Runtime");
    if (!runtime.isEmpty() && !runtime.equals("container")) {
      throw HttpFailure.invalid("unsupported runtime");
    }
    Fields container =
        fields
            .object("ContainerSpec")
            .orElseThrow(() -> HttpFailure.invalid("mismatched Runtime and *Spec fields"));
    long processes = fields.objectOrEmpty("Resources").objectOrEmpty("Limits").number("Pids");
    return ContainerSpecJson.spec(container).setPidsLimit(processes).build();
  }

  private static RestartPolicy restart(Fields fields) {
    String condition = fields.text("Condition");
    RestartPolicy.Builder policy =
        RestartPolicy.newBuilder()
            .setCondition(
                switch (condition) {
                  case "none" -> RestartPolicy.RestartCondition.NONE;
                  case "on-failure" -> RestartPolicy.RestartCondition.ON_FAILURE;
                  case "", "any" -> RestartPolicy.RestartCondition.ANY;
                  default ->
                      throw HttpFailure.invalid("invalid RestartCondition: \"" + condition + "\"");
                })
            .setMaxAttempts(fields.unsigned("MaxAttempts"));
    fields.duration("Delay").ifPresent(policy::setDelay);
    fields.duration("Window").ifPresent(policy::setWindow);
    return policy.build();
  }

  private static Placement placement(Fields fields) {
    Placement.Builder placement =
        Placement.newBuilder()
            .addAllConstraints(fields.texts("Constraints"))
            .setMaxReplicas(fields.unsigned("MaxReplicas"));
    for (Fields preference : fields.objects("Preferences")) {
      preference
          .object("Spread")
          .ifPresent(
              spread ->
                  placement.addPreferences(
                      PlacementPreference.newBuilder()
                          .setSpread(
                              SpreadOver.newBuilder()
                                  .setSpreadDescriptor(spread.text("SpreadDescriptor")))));
    }
    for (Fields platform : fields.objects("Platforms")) {
      placement.addPlatforms(
          Platform.newBuilder()
              .setArchitecture(platform.text("Architecture"))
              .setOs(platform.text("OS")));
    }
    return placement.build();
  }

  static NetworkAttachmentConfig network(Fields fields) {
    return NetworkAttachmentConfig.newBuilder()
        .setTarget(fields.text("Target"))
        .addAllAliases(fields.texts("Aliases"))
        .putAllDriverAttachmentOpts(fields.map("DriverOpts"))
        .build();
  }
}
