package dev.hanse.agent.workload;

import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Driver;
import dev.hanse.model.GenericResource;
import dev.hanse.model.NetworkAttachment;
import dev.hanse.model.PortConfig;
import dev.hanse.model.ResourceRequirements;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.TaskState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container that somebody wants on this node. All that the agent does for it follows from this
 * value, whoever its maker is.
 *
 * @param id unique on the node, whoever made it
 * @param name of its container
 * @param labels of its container
 * @param container its settings, with the secrets and configs that it refers to; empty for what is
 *     no container, which no node can run
 * @param attachments to networks
 * @param ports that it publishes
 * @param restart what becomes of it when it has ended; without condition it is not started again
 * @param resources what it may take
 * @param genericResources which of the node's were given to it
 * @param logDriver where its output goes
 * @param placeholders that its texts may name; empty where a text is what it says
 * @param family it is one of several that do the same, as the tasks of a service: their common id,
 *     its own for one that is alone. Families take turns, and are spread over shims
 * @param desired as it should be; only moves forward
 * @param status how far it has come
 * @param original what it was made of
 */
public record Workload(
    String id,
    String name,
    Map<String, String> labels,
    Optional<ContainerSpec> container,
    List<NetworkAttachment> attachments,
    List<PortConfig> ports,
    RestartPolicy restart,
    ResourceRequirements resources,
    List<GenericResource> genericResources,
    Driver logDriver,
    Optional<Placeholders> placeholders,
    String family,
    TaskState desired,
    WorkloadStatus status,
    Original original) {
  /** Copies the collections. */
  public Workload {
    labels = Map.copyOf(labels);
    attachments = List.copyOf(attachments);
    ports = List.copyOf(ports);
    genericResources = List.copyOf(genericResources);
  }

  /** The container's settings, standard ones for what is no container. */
  public ContainerSpec settings() {
    return container.orElse(ContainerSpec.getDefaultInstance());
  }

  /** Whether it comes from this maker. */
  public boolean isOf(String maker) {
    return original.maker().equals(maker);
  }

  /** Wanted otherwise. */
  public Workload withDesired(TaskState newer) {
    return new Workload(
        id,
        name,
        labels,
        container,
        attachments,
        ports,
        restart,
        resources,
        genericResources,
        logDriver,
        placeholders,
        family,
        newer,
        status,
        original);
  }

  /** As far as it has come now. */
  public Workload withStatus(WorkloadStatus newer) {
    return new Workload(
        id,
        name,
        labels,
        container,
        attachments,
        ports,
        restart,
        resources,
        genericResources,
        logDriver,
        placeholders,
        family,
        desired,
        newer,
        original);
  }
}
