package dev.hanse.control.sim;

import com.google.protobuf.Duration;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.GlobalJob;
import dev.hanse.model.GlobalService;
import dev.hanse.model.Mount;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.ReplicatedJob;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.UpdateConfig;
import java.util.Locale;

/** The options of the steps "create" and "update", as KEY=VALUE. */
final class SpecOptions {
  private SpecOptions() {}

  static void apply(ServiceSpec.Builder spec, String option) {
    String key = option.substring(0, option.indexOf('='));
    String value = option.substring(option.indexOf('=') + 1);
    switch (key) {
      case "replicas" -> spec.getReplicatedBuilder().setReplicas(Long.parseLong(value));
      case "mode" -> mode(spec, value);
      case "completions" ->
          spec.getReplicatedJobBuilder().setTotalCompletions(Long.parseLong(value));
      case "concurrent" -> spec.getReplicatedJobBuilder().setMaxConcurrent(Long.parseLong(value));
      case "image" -> spec.getTaskBuilder().getContainerBuilder().setImage(value);
      case "publish" -> publish(spec, value, PublishMode.INGRESS);
      case "publish-host" -> publish(spec, value, PublishMode.HOST);
      case "unpublish" -> spec.getEndpointBuilder().clearPorts();
      case "disconnect" -> spec.getAnnotationsBuilder().putLabels("hanse.disconnect", value);
      case "endpoint" ->
          spec.getEndpointBuilder()
              .setMode(EndpointSpec.ResolutionMode.valueOf(value.toUpperCase(Locale.ROOT)));
      case "network" -> spec.getTaskBuilder().addNetworksBuilder().setTarget(value);
      case "log-driver" -> spec.getTaskBuilder().getLogDriverBuilder().setName(value);
      case "volume-driver" ->
          spec.getTaskBuilder()
              .getContainerBuilder()
              .addMountsBuilder()
              .setType(Mount.Type.VOLUME)
              .setSource("data")
              .setTarget("/data")
              .getVolumeOptionsBuilder()
              .getDriverConfigBuilder()
              .setName(value);
      case "cpu" ->
          spec.getTaskBuilder()
              .getResourcesBuilder()
              .getReservationsBuilder()
              .setNanoCpus((long) (Double.parseDouble(value) * 1e9));
      case "constraint" -> spec.getTaskBuilder().getPlacementBuilder().addConstraints(value);
      case "spread" ->
          spec.getTaskBuilder()
              .getPlacementBuilder()
              .addPreferencesBuilder()
              .getSpreadBuilder()
              .setSpreadDescriptor(value);
      case "max-per-node" ->
          spec.getTaskBuilder().getPlacementBuilder().setMaxReplicas(Long.parseLong(value));
      case "restart" -> restart(spec).setCondition(RestartPolicy.RestartCondition.valueOf(value));
      case "restart-delay" -> restart(spec).setDelay(seconds(value));
      case "restart-attempts" -> restart(spec).setMaxAttempts(Long.parseLong(value));
      case "restart-window" -> restart(spec).setWindow(seconds(value));
      case "parallelism" -> spec.getUpdateBuilder().setParallelism(Long.parseLong(value));
      case "update-delay" -> spec.getUpdateBuilder().setDelay(seconds(value));
      case "order" -> spec.getUpdateBuilder().setOrder(UpdateConfig.UpdateOrder.valueOf(value));
      case "failure" ->
          spec.getUpdateBuilder().setFailureAction(UpdateConfig.FailureAction.valueOf(value));
      default -> throw new IllegalArgumentException("unknown option " + key);
    }
  }

  private static void mode(ServiceSpec.Builder spec, String word) {
    switch (word) {
      case "global" -> spec.setGlobal(GlobalService.getDefaultInstance());
      case "replicated-job" ->
          spec.setReplicatedJob(
              ReplicatedJob.newBuilder().setMaxConcurrent(1).setTotalCompletions(1));
      case "global-job" -> spec.setGlobalJob(GlobalJob.getDefaultInstance());
      default -> throw new IllegalArgumentException("unknown mode " + word);
    }
  }

  private static RestartPolicy.Builder restart(ServiceSpec.Builder spec) {
    if (!spec.getTask().hasRestart()) {
      spec.getTaskBuilder()
          .getRestartBuilder()
          .setCondition(RestartPolicy.RestartCondition.ANY)
          .setDelay(seconds("5"));
    }
    return spec.getTaskBuilder().getRestartBuilder();
  }

  private static void publish(ServiceSpec.Builder spec, String value, PublishMode mode) {
    int colon = value.indexOf(':');
    spec.getEndpointBuilder()
        .addPorts(
            PortConfig.newBuilder()
                .setPublishMode(mode)
                .setPublishedPort(colon < 0 ? 0 : Integer.parseInt(value.substring(0, colon)))
                .setTargetPort(Integer.parseInt(value.substring(colon + 1))));
  }

  private static Duration seconds(String value) {
    return Duration.newBuilder().setSeconds(Long.parseLong(value)).build();
  }
}
