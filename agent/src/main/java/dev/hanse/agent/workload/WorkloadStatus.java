package dev.hanse.agent.workload;

import com.google.protobuf.Timestamp;
import dev.hanse.model.ContainerStatus;
import dev.hanse.model.PortConfig;
import dev.hanse.model.TaskState;
import java.util.List;
import java.util.Optional;

/**
 * How far a workload has come.
 *
 * @param state only moves forward
 * @param message what is going on, for people
 * @param error what went wrong, for people; empty for nothing
 * @param reachedAt when it came to the state
 * @param container which one it is and how it ended; empty before it starts
 * @param ports published on this node alone, as chosen
 */
public record WorkloadStatus(
    TaskState state,
    String message,
    String error,
    Timestamp reachedAt,
    Optional<ContainerStatus> container,
    List<PortConfig> ports) {
  /** Copies the list. */
  public WorkloadStatus {
    ports = List.copyOf(ports);
  }

  /** All went well so far; what is known of the container stays. */
  public WorkloadStatus reached(TaskState newer, String what, Timestamp now) {
    return new WorkloadStatus(newer, what, "", now, container, ports);
  }

  /** Something went wrong; the message still says what was going on. */
  public WorkloadStatus failed(TaskState newer, String why, Timestamp now) {
    return new WorkloadStatus(newer, message, why, now, container, ports);
  }

  /** With what is known of its container. */
  public WorkloadStatus withContainer(ContainerStatus newer, List<PortConfig> chosen) {
    return new WorkloadStatus(state, message, error, reachedAt, Optional.of(newer), chosen);
  }
}
