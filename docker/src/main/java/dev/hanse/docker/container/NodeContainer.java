package dev.hanse.docker.container;

import dev.hanse.agent.workload.SwarmLabels;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Task;
import dev.hanse.runtime.containers.ContainerState;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A container of this node: what the runtime knows of it and, while its task is on this node, the
 * task.
 */
public record NodeContainer(ContainerState state, Optional<Task> task) {
  private static final int SHORT_ID_DIGITS = 12;

  /** The container's id. */
  public String id() {
    return state.id();
  }

  String shortId() {
    return shorten(id());
  }

  private static String shorten(String id) {
    return id.substring(0, Math.min(SHORT_ID_DIGITS, id.length()));
  }

  /** Without slash; a container that belongs to no task goes by its short id. */
  String name() {
    return name(id(), state.labels());
  }

  private static String name(String id, Map<String, String> labels) {
    String name = labels.getOrDefault(SwarmLabels.TASK_NAME, "");
    return name.isEmpty() ? shorten(id) : name;
  }

  /** Whether it was made for a task, be it still known here or not. */
  boolean isTask() {
    return state.labels().containsKey(SwarmLabels.TASK_ID);
  }

  /** What events say of it beside its id. */
  public Map<String, String> eventAttributes() {
    return eventAttributes(id(), state.labels(), Optional.of(image()));
  }

  /** What an event of the container says beside its id. */
  public static Map<String, String> eventAttributes(
      String id, Map<String, String> labels, Optional<String> image) {
    Map<String, String> attributes = new TreeMap<>(labels);
    attributes.put("name", name(id, labels));
    image.ifPresent(name -> attributes.put("image", name));
    return attributes;
  }

  /** The image as the service names it, or the image's id. */
  String image() {
    return spec().map(ContainerSpec::getImage).orElse(state.imageId());
  }

  /** As the service has it. */
  public Optional<ContainerSpec> spec() {
    return task.filter(assigned -> assigned.getSpec().hasContainer())
        .map(assigned -> assigned.getSpec().getContainer());
  }

  /** Whether its output is a terminal's. */
  public boolean terminal() {
    return spec().map(ContainerSpec::getTty).orElse(false);
  }

  /** Whether its processes are frozen. */
  public boolean isPaused() {
    return state.phase() == ContainerState.Phase.PAUSED;
  }

  /** Running, and be it frozen. */
  boolean isRunning() {
    return switch (state.phase()) {
      case RUNNING, PAUSED -> true;
      case CREATED, EXITED -> false;
    };
  }
}
