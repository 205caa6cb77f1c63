package dev.hanse.docker.system;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.DockerSettings;
import dev.hanse.docker.LocalEngine;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.docker.protocol.ApiVersion;
import dev.hanse.health.HealthReport;
import dev.hanse.web.Exchange;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;

/** {@code /_ping}, {@code /version}, {@code /info} and {@code /hanse/v1/health}. */
public final class SystemRoutes {
  private final DockerSettings settings;
  private final SwarmLifecycle lifecycle;
  private final LocalEngine engine;
  private final Instant started;

  public SystemRoutes(
      DockerSettings settings, SwarmLifecycle lifecycle, LocalEngine engine, Instant started) {
    this.settings = settings;
    this.lifecycle = lifecycle;
    this.engine = engine;
    this.started = started;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router
        .get("/_ping", this::ping)
        .head("/_ping", this::ping)
        .get("/version", this::version)
        .get("/info", this::info)
        .get("/hanse/v1/health", this::health)
        .head("/hanse/v1/health", this::health);
  }

  private void ping(Exchange exchange) throws IOException {
    exchange.header("Cache-Control", "no-cache, no-store, must-revalidate");
    exchange.header("Pragma", "no-cache");
    exchange.header("Swarm", swarmStatus(lifecycle.state()));
    exchange.text(200, exchange.method().equals("HEAD") ? "" : "OK");
  }

  private static String swarmStatus(LocalState state) {
    String status = state.status().name().toLowerCase(Locale.ROOT);
    return state.status() == LocalState.Status.ACTIVE
        ? status + (state.manager() ? "/manager" : "/worker")
        : status;
  }

  private void version(Exchange exchange) throws IOException {
    MachineFacts host = MachineFacts.read();
    ObjectNode object = Json.object();
    object.putObject("Platform").put("Name", "Hanse");
    ArrayNode components = object.putArray("Components");
    ObjectNode component = components.addObject();
    component.put("Name", "Engine");
    component.put("Version", settings.version());
    component
        .putObject("Details")
        .put("ApiVersion", ApiVersion.MAXIMUM.toString())
        .put("Arch", host.goArchitecture())
        .put("BuildTime", "")
        .put("Experimental", "false")
        .put("GitCommit", "")
        .put("GoVersion", javaVersion())
        .put("KernelVersion", host.kernelVersion())
        .put("MinAPIVersion", ApiVersion.MINIMUM.toString())
        .put("Os", "linux")
        .put("Started", started.toString());
    engine
        .programs()
        .forEach(
            (name, version) ->
                components
                    .addObject()
                    .put("Name", name)
                    .put("Version", version)
                    .putObject("Details")
                    .put("GitCommit", ""));
    object.put("Version", settings.version());
    object.put("ApiVersion", ApiVersion.MAXIMUM.toString());
    object.put("MinAPIVersion", ApiVersion.MINIMUM.toString());
    object.put("GitCommit", "");
    object.put("GoVersion", javaVersion());
    object.put("Os", "linux");
    object.put("Arch", host.goArchitecture());
    object.put("KernelVersion", host.kernelVersion());
    exchange.json(200, object);
  }

  /** Stands where Docker tells its Go. */
  private static String javaVersion() {
    return "java" + Runtime.version().feature();
  }

  private void info(Exchange exchange) throws IOException {
    ObjectNode info = NodeInfo.of(settings, MachineFacts.read());
    engine.describe(info);
    SwarmInfo.add(info, lifecycle);
    for (String fault : settings.health().report().faults()) {
      SwarmInfo.warnings(info).add("WARNING: " + fault);
    }
    exchange.json(200, info);
  }

  private void health(Exchange exchange) throws IOException {
    HealthReport report = settings.health().report();
    exchange.json(HealthJson.status(report), HealthJson.of(report, Instant.now()));
  }
}
