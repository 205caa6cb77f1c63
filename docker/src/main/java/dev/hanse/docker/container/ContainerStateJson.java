package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.containers.ContainerState;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.web.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Where a container is in its life, as lists and inspect show it. */
final class ContainerStateJson {
  /** What Go prints for "no time", which clients know. */
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private ContainerStateJson() {}

  /** {@code created}, {@code running}, {@code paused} or {@code exited}. */
  static String status(NodeContainer container) {
    return container.state().phase().name().toLowerCase(Locale.ROOT);
  }

  /**
   * The column STATUS of {@code docker ps}.
   *
   * @param health what the probes say, with a blank before it, or empty
   */
  static String text(ContainerState state, String health, Instant now) {
    return switch (state.phase()) {
      case CREATED -> "Created";
      case RUNNING -> "Up " + since(state.startedAt(), now) + health;
      case PAUSED -> "Up " + since(state.startedAt(), now) + " (Paused)";
      case EXITED ->
          "Exited (%d) %s ago"
              .formatted(
                  state.exit().map(ExitStatus::code).orElse(0),
                  since(state.exit().map(ExitStatus::exitedAt), now));
    };
  }

  private static String since(Optional<Instant> start, Instant now) {
    return Durations.words(Duration.between(start.orElse(now), now));
  }

  /** The {@code State} of inspect. */
  static ObjectNode details(NodeContainer container, Optional<ObjectNode> health) {
    ContainerState state = container.state();
    ObjectNode json = Json.object();
    json.put("Status", status(container));
    json.put("Running", container.isRunning());
    json.put("Paused", container.isPaused());
    json.put("Restarting", false);
    json.put("OOMKilled", state.exit().map(ExitStatus::outOfMemory).orElse(false));
    json.put("Dead", false);
    json.put("Pid", container.isRunning() ? state.processId().orElse(0) : 0);
    json.put("ExitCode", state.exit().map(ExitStatus::code).orElse(0));
    json.put("Error", container.task().map(task -> task.getStatus().getErr()).orElse(""));
    json.put("StartedAt", state.startedAt().map(Instant::toString).orElse(NEVER));
    json.put("FinishedAt", state.exit().map(exit -> exit.exitedAt().toString()).orElse(NEVER));
    health.ifPresent(probes -> json.set("Health", probes));
    return json;
  }
}
