package dev.hanse.runtime.containers;

import dev.hanse.bounds.ForeignMap;
import dev.hanse.runtime.process.ExitStatus;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One container as it is now.
 *
 * @param imageId as given at creation
 * @param processId process 1 of the container, as the host numbers it, while it runs
 * @param startedAt when the process of the present or last run began
 * @param exit how it ended, once it has
 * @param attachments the caller's bytes given at creation
 */
public record ContainerState(
    String id,
    String imageId,
    Map<String, String> labels,
    Phase phase,
    Optional<Integer> processId,
    Optional<Instant> startedAt,
    Optional<ExitStatus> exit,
    Instant createdAt,
    Map<String, byte[]> attachments) {

  public ContainerState {
    labels = ForeignMap.copyOf(labels);
    attachments = ForeignMap.copyOf(attachments);
  }

  /** The same, of which the present run is known. */
  ContainerState running(Optional<Integer> knownProcessId, Instant knownStart) {
    return new ContainerState(
        id,
        imageId,
        labels,
        phase,
        knownProcessId,
        Optional.of(knownStart),
        exit,
        createdAt,
        attachments);
  }

  /** Where a container is in its life. */
  public enum Phase {
    /** Never started. */
    CREATED,
    /** Its process runs. */
    RUNNING,
    /** Its processes are frozen. */
    PAUSED,
    /** Its process has ended. */
    EXITED
  }
}
