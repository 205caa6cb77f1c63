package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.Agent;
import dev.hanse.agent.network.LocalNetworks;
import dev.hanse.agent.volume.Volumes;
import dev.hanse.docker.LocalEngine;
import dev.hanse.docker.container.ContainerHealth;
import dev.hanse.docker.container.ContainerJson;
import dev.hanse.docker.container.ContainerRoutes;
import dev.hanse.docker.container.LifecycleRoutes;
import dev.hanse.docker.container.NodeContainers;
import dev.hanse.docker.container.StatisticsRoute;
import dev.hanse.docker.container.WaitRoute;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.image.ImageEvents;
import dev.hanse.docker.image.ImageRoutes;
import dev.hanse.docker.image.ImageTransferRoutes;
import dev.hanse.docker.image.RegistryRoutes;
import dev.hanse.docker.stream.AttachRoute;
import dev.hanse.docker.stream.ContainerEventTranslator;
import dev.hanse.docker.stream.ExecRoutes;
import dev.hanse.docker.stream.ExecSessions;
import dev.hanse.docker.stream.LogRoute;
import dev.hanse.health.Health;
import dev.hanse.runtime.ContainerRuntime;
import dev.hanse.runtime.containers.ContainerState.Phase;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.images.Images;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** This node's containers, images and volumes over HTTP. */
public final class Engine implements LocalEngine, AutoCloseable {
  /** Who asks what is wrong with the node shall not wait for what is. */
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(3);

  private final ContainerRuntime runtime;
  private final NodeContainers containers;
  private final ExecSessions execs = new ExecSessions();
  private final ContainerEventTranslator containerEvents;
  private final Agent agent;
  private final EventHub events;

  /**
   * Begins to turn what happens to containers into events.
   *
   * @param runtime where the containers and images are
   * @param agent knows the containers' tasks, logs and volumes
   * @param events takes container, image and volume events
   * @param health of this node, which its thread reports to
   */
  public Engine(ContainerRuntime runtime, Agent agent, EventHub events, Health health) {
    this.runtime = runtime;
    this.agent = agent;
    this.events = events;
    this.containers = new NodeContainers(runtime.containers(), agent);
    this.containerEvents =
        new ContainerEventTranslator(
            health, runtime.containers(), agent.health(), containers, execs, events);
  }

  @Override
  public void addTo(Router router, LocalNetworks own, Supplier<String> nodeId) {
    containerEvents.ownNetworks(own);
    Containers processes = runtime.containers();
    Images images = runtime.images();
    Volumes volumes = agent.volumes();
    ContainerHealth health = new ContainerHealth(agent.health());
    ContainerJson json = new ContainerJson(processes, images, volumes, health, own);
    ImageEvents imageEvents = new ImageEvents(events);
    RefusedRoutes.addTo(router);
    router.options("/{path...}", exchange -> exchange.empty(200));
    new ContainerRoutes(processes, images, containers, json, health, agent, events).addTo(router);
    new LifecycleRoutes(processes, containers, events).addTo(router);
    new WaitRoute(processes, containers).addTo(router);
    new LogRoute(agent.logs(), containers).addTo(router);
    new AttachRoute(processes, containers, agent.logs(), events).addTo(router);
    new StatisticsRoute(processes, containers).addTo(router);
    new ExecRoutes(processes, containers, execs, events, nodeId).addTo(router);
    new ImageRoutes(images, containers, imageEvents).addTo(router);
    new ImageTransferRoutes(images, imageEvents).addTo(router);
    new RegistryRoutes(images).addTo(router);
    new VolumeRoutes(volumes, events).addTo(router);
    new DiskUsageRoute(images, containers, json, volumes).addTo(router);
  }

  @Override
  public void describe(ObjectNode info) {
    info.put("Driver", "overlayfs");
    info.putArray("DriverStatus")
        .add(Json.array().add("driver-type").add("io.containerd.snapshotter.v1"));
    info.putObject("Runtimes").putObject("runc").put("path", "runc");
    info.put("DefaultRuntime", "runc");
    // Without an answer the rest is not known; that this is so stands among the warnings.
    if (runtime.answers(ANSWER_WITHIN)) {
      describeContents(info);
      SecurityInfo.add(info, runtime);
    }
  }

  private void describeContents(ObjectNode info) {
    Map<Phase, Integer> count = new EnumMap<>(Phase.class);
    containers.all().forEach(container -> count.merge(container.state().phase(), 1, Integer::sum));
    int running = count.getOrDefault(Phase.RUNNING, 0);
    int paused = count.getOrDefault(Phase.PAUSED, 0);
    int stopped = count.getOrDefault(Phase.EXITED, 0) + count.getOrDefault(Phase.CREATED, 0);
    info.put("Containers", running + paused + stopped);
    info.put("ContainersRunning", running);
    info.put("ContainersPaused", paused);
    info.put("ContainersStopped", stopped);
    info.put("Images", runtime.images().count());
    info.putObject("ContainerdCommit").put("ID", runtime.containerdVersion());
    info.putObject("RuncCommit").put("ID", runtime.runcVersion());
  }

  @Override
  public Map<String, String> programs() {
    Map<String, String> programs = new LinkedHashMap<>();
    if (runtime.answers(ANSWER_WITHIN)) {
      programs.put("containerd", runtime.containerdVersion());
      programs.put("runc", runtime.runcVersion());
      runtime.initVersion().ifPresent(version -> programs.put("docker-init", version));
    }
    return programs;
  }

  @Override
  public void close() {
    containerEvents.close();
  }
}
