package dev.hanse.runtime.containers;

import dev.hanse.bounds.ForeignMap;
import dev.hanse.runtime.process.ExitStatus;
import java.time.Instant;
import java.util.Map;

/**
 * Something that happened to a container. No exit is lost, also not over a restart of containerd.
 */
public sealed interface ContainerEvent {
  /** The container. */
  String containerId();

  /** It was made; nothing runs yet. */
  record Created(String containerId, Instant at) implements ContainerEvent {}

  /** It is gone with all that it owned; the labels are those it had. */
  record Removed(String containerId, Map<String, String> labels, Instant at)
      implements ContainerEvent {
    /** Copies the labels. */
    public Removed {
      labels = ForeignMap.copyOf(labels);
    }
  }

  /** Its process 1 runs. */
  record Started(String containerId, int processId, Instant at) implements ContainerEvent {}

  /** Its process 1 has ended; said once per run. */
  record Exited(String containerId, ExitStatus status) implements ContainerEvent {}

  /** The kernel killed one of its processes for memory. */
  record OutOfMemory(String containerId, Instant at) implements ContainerEvent {}

  /** An exec in it has ended. */
  record ExecExited(String containerId, String execId, ExitStatus status)
      implements ContainerEvent {}

  /** It was frozen. */
  record Paused(String containerId, Instant at) implements ContainerEvent {}

  /** It goes on. */
  record Resumed(String containerId, Instant at) implements ContainerEvent {}

  /** Receives events in order, on one thread; must not block. */
  @FunctionalInterface
  interface Listener {
    /** One event. */
    void happened(ContainerEvent event);
  }
}
