package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.task.HealthMonitor;
import dev.hanse.agent.task.HealthRecord;
import dev.hanse.agent.task.HealthStatus;
import dev.hanse.web.Json;
import java.util.Locale;
import java.util.Optional;

/** What the probes say of containers, in the API's words. */
public final class ContainerHealth {
  private final HealthMonitor monitor;

  /** Tells of what the monitor probes. */
  public ContainerHealth(HealthMonitor monitor) {
    this.monitor = monitor;
  }

  private Optional<HealthRecord> record(NodeContainer container) {
    return monitor.record(container.id()).filter(record -> record.health() != HealthStatus.NONE);
  }

  /** {@code none}, {@code starting}, {@code healthy} or {@code unhealthy}. */
  String status(NodeContainer container) {
    return record(container).map(HealthRecord::health).map(ContainerHealth::word).orElse("none");
  }

  /** In the API's words. */
  public static String word(HealthStatus health) {
    return health.name().toLowerCase(Locale.ROOT);
  }

  /** What stands behind "Up 5 minutes", with a blank before it; empty if there are no probes. */
  String suffix(NodeContainer container) {
    return record(container)
        .map(HealthRecord::health)
        .map(health -> health == HealthStatus.STARTING ? "health: starting" : word(health))
        .map(text -> " (" + text + ")")
        .orElse("");
  }

  /** The {@code Health} of inspect; empty if there are no probes. */
  Optional<ObjectNode> details(NodeContainer container) {
    return record(container).map(ContainerHealth::details);
  }

  private static ObjectNode details(HealthRecord record) {
    ObjectNode json = Json.object();
    json.put("Status", word(record.health()));
    json.put("FailingStreak", record.failingStreak());
    ArrayNode log = json.putArray("Log");
    for (HealthRecord.Probe probe : record.probes()) {
      log.addObject()
          .put("Start", probe.started().toString())
          .put("End", probe.ended().toString())
          .put("ExitCode", probe.code())
          .put("Output", probe.output());
    }
    return json;
  }
}
