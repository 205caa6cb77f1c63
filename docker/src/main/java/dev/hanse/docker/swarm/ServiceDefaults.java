package dev.hanse.docker.swarm;

import com.google.protobuf.Duration;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Placement;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.UpdateConfig;

/** What a service does where its specification is silent (swarmkit's api/defaults). */
final class ServiceDefaults {
  private static final Duration STOP_GRACE_PERIOD = seconds(10);
  private static final Duration RESTART_DELAY = seconds(5);
  private static final Duration MONITOR = seconds(5);

  private ServiceDefaults() {}

  private static Duration seconds(int seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  static ServiceSpec fill(ServiceSpec spec) {
    return spec.toBuilder()
        .setTask(fill(spec.getTask()))
        .setUpdate(fill(spec.hasUpdate(), spec.getUpdate()))
        .setRollback(fill(spec.hasRollback(), spec.getRollback()))
        .build();
  }

  private static TaskSpec fill(TaskSpec task) {
    TaskSpec.Builder filled = task.toBuilder();
    if (task.hasContainer()) {
      filled.setContainer(fill(task.getContainer()));
    }
    if (!task.hasResources()) {
      filled.setResources(ResourceRequirements.getDefaultInstance());
    }
    if (!task.hasRestart()) {
      filled.getRestartBuilder().setCondition(RestartPolicy.RestartCondition.ANY);
    }
    if (!filled.getRestart().hasDelay()) {
      filled.getRestartBuilder().setDelay(RESTART_DELAY);
    }
    if (!task.hasPlacement()) {
      filled.setPlacement(Placement.getDefaultInstance());
    }
    return filled.build();
  }

  private static ContainerSpec fill(ContainerSpec container) {
    ContainerSpec.Builder filled = container.toBuilder();
    if (!container.hasStopGracePeriod()) {
      filled.setStopGracePeriod(STOP_GRACE_PERIOD);
    }
    if (!container.hasDnsConfig()) {
      filled.setDnsConfig(ContainerSpec.DNSConfig.getDefaultInstance());
    }
    return filled.build();
  }

  private static UpdateConfig fill(boolean given, UpdateConfig config) {
    UpdateConfig.Builder filled = config.toBuilder();
    if (!given) {
      filled.setParallelism(1);
    }
    if (!config.hasMonitor()) {
      filled.setMonitor(MONITOR);
    }
    return filled.build();
  }
}
