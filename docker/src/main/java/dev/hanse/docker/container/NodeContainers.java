package dev.hanse.docker.container;

import dev.hanse.agent.Agent;
import dev.hanse.agent.NodeWorkload;
import dev.hanse.agent.task.ContainerPlace;
import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.agent.workload.Workload;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Task;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.text.Digits;
import dev.hanse.web.HttpFailure;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds containers by id, start of an id, or name, as Docker does. */
public final class NodeContainers {
  private final Containers containers;
  private final Agent agent;

  /** Finds the runtime's containers; the agent knows which task each belongs to. */
  public NodeContainers(Containers containers, Agent agent) {
    this.containers = containers;
    this.agent = agent;
  }

  /** All containers, newest first. */
  public List<NodeContainer> all() {
    Map<String, NodeWorkload> workloads = new HashMap<>();
    for (NodeWorkload each : agent.workloads()) {
      each.containerId().ifPresent(id -> workloads.put(id, each));
    }
    return containers.list(Map.of()).stream()
        .map(state -> container(state, Optional.ofNullable(workloads.get(state.id()))))
        .sorted(
            Comparator.comparing((NodeContainer container) -> container.state().createdAt())
                .reversed())
        .toList();
  }

  /** The container of exactly this id. */
  public Optional<NodeContainer> byId(String id) {
    return containers.find(id).map(this::withTask);
  }

  private NodeContainer withTask(ContainerState state) {
    return container(state, agent.workloadOfContainer(state.id()));
  }

  private NodeContainer container(ContainerState state, Optional<NodeWorkload> known) {
    return new NodeContainer(state, known.map(NodeWorkload::workload).flatMap(this::task));
  }

  /** With the specification that the container was made of. */
  private Optional<Task> task(Workload workload) {
    Optional<Task> task = SwarmWorkloads.task(workload);
    if (workload.container().isEmpty()) {
      return task;
    }
    ContainerSpec made = agent.specification(workload);
    return task.map(
        known -> known.toBuilder().setSpec(known.getSpec().toBuilder().setContainer(made)).build());
  }

  /** Where a container lives; empty for one that belongs to nothing. */
  Optional<ContainerPlace> place(NodeContainer container) {
    return agent.workloadOfContainer(container.id()).map(NodeWorkload::workload).map(agent::place);
  }

  /**
   * The container that the user means.
   *
   * @throws HttpFailure 404 if there is none, 400 if the start of an id fits several
   */
  public NodeContainer require(String nameOrId) {
    if (Digits.areHex(nameOrId, 64)) {
      return byId(nameOrId).orElseThrow(() -> missing(nameOrId));
    }
    String name = nameOrId.startsWith("/") ? nameOrId.substring(1) : nameOrId;
    List<NodeContainer> all = all();
    Optional<NodeContainer> named =
        all.stream().filter(container -> container.name().equals(name)).findFirst();
    if (named.isPresent()) {
      return named.get();
    }
    List<NodeContainer> prefixed =
        all.stream().filter(container -> container.id().startsWith(nameOrId)).toList();
    if (prefixed.size() > 1) {
      throw HttpFailure.invalid("multiple IDs found with provided prefix: " + nameOrId);
    }
    if (prefixed.isEmpty()) {
      throw missing(nameOrId);
    }
    return prefixed.getFirst();
  }

  /**
   * As {@link #require}, for what needs a running one.
   *
   * @throws HttpFailure 409 if it does not run
   */
  public NodeContainer requireRunning(String nameOrId) {
    NodeContainer container = require(nameOrId);
    if (!container.isRunning()) {
      throw HttpFailure.conflict("container " + container.id() + " is not running");
    }
    return container;
  }

  /**
   * As {@link #requireRunning}, for what needs one that is not frozen.
   *
   * @throws HttpFailure 409 if it does not run or is frozen
   */
  public NodeContainer requireActive(String nameOrId) {
    NodeContainer container = requireRunning(nameOrId);
    if (container.isPaused()) {
      throw HttpFailure.conflict(
          "Container " + nameOrId + " is paused, unpause the container before exec");
    }
    return container;
  }

  static HttpFailure missing(String nameOrId) {
    return HttpFailure.notFound("No such container: " + nameOrId);
  }
}
