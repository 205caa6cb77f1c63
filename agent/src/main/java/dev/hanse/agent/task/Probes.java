package dev.hanse.agent.task;

import dev.hanse.model.ContainerSpec;
import dev.hanse.model.HealthConfig;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.images.Image;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Begins to probe tasks' containers, as the task or else its image says. */
final class Probes {
  private final HealthMonitor monitor;
  private final Containers containers;
  private final ImageSupply images;
  private final BiConsumer<String, HealthStatus> changed;

  /**
   * Probes by a monitor.
   *
   * @param changed told of a task's id and its container's new health, on another thread
   */
  Probes(
      HealthMonitor monitor,
      Containers containers,
      ImageSupply images,
      BiConsumer<String, HealthStatus> changed) {
    this.monitor = monitor;
    this.containers = containers;
    this.images = images;
    this.changed = changed;
  }

  /**
   * Begins for a container that runs.
   *
   * @return what its health is until the first verdict
   */
  HealthStatus begin(TaskLife life, Instant started) {
    Optional<HealthCheck> check = check(life);
    check.ifPresent(
        found ->
            monitor.watch(
                life.containerId(), found, started, verdict -> changed.accept(life.id(), verdict)));
    return check.isPresent() ? HealthStatus.STARTING : HealthStatus.NONE;
  }

  private Optional<HealthCheck> check(TaskLife life) {
    ContainerSpec spec = life.workload().settings();
    Optional<HealthConfig> asked =
        spec.hasHealthcheck() ? Optional.of(spec.getHealthcheck()) : Optional.empty();
    Optional<Image> image =
        containers.find(life.containerId()).flatMap(state -> images.find(state.imageId()));
    return HealthCheck.of(
        asked,
        image.flatMap(found -> found.config().healthcheck()),
        image.map(found -> found.config().shell()).orElse(List.of()));
  }
}
