package dev.hanse.docker.engine;

import dev.hanse.model.ContainerSpec;
import dev.hanse.model.Task;
import dev.hanse.runtime.containers.ContainerState;
import java.util.Optional;

/**
 * A container of this node: what the runtime knows of it and, while its task is on this node, the
 * task.
 */
record NodeContainer(ContainerState state, Optional<Task> task) {
  private static final String TASK_NAME_LABEL = "com.docker.swarm.task.name";
  private static final int SHORT_ID_DIGITS = 12;

  String id() {
    return state.id();
  }

  String shortId() {
    return id().substring(0, Math.min(SHORT_ID_DIGITS, id().length()));
  }

  /** Without slash; a container that belongs to no task goes by its short id. */
  String name() {
    String name = state.labels().get(TASK_NAME_LABEL);
    return name == null || name.isEmpty() ? shortId() : name;
  }

  /** The image as the service names it, or the image's id. */
  String image() {
    return spec().map(ContainerSpec::getImage).orElse(state.imageId());
  }

  Optional<ContainerSpec> spec() {
    return task.filter(assigned -> assigned.getSpec().hasContainer())
        .map(assigned -> assigned.getSpec().getContainer());
  }

  boolean terminal() {
    return spec().map(ContainerSpec::getTty).orElse(false);
  }

  boolean isRunning() {
    return switch (state.phase()) {
      case RUNNING, PAUSED -> true;
      case CREATED, EXITED -> false;
    };
  }
}
