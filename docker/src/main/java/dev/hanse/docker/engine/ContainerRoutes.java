package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.Agent;
import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.http.Exchange;
import dev.hanse.docker.http.Filters;
import dev.hanse.docker.http.HttpFailure;
import dev.hanse.docker.http.Json;
import dev.hanse.docker.http.Router;
import dev.hanse.kernel.process.Signal;
import dev.hanse.model.ContainerSpec;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.containers.ExitStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * {@code /containers}: what is asked of them and done to them once (<a
 * href="https://docs.docker.com/reference/api/engine/#tag/Container">API</a>).
 */
final class ContainerRoutes {
  private static final Duration GRACE_DEFAULT = Duration.ofSeconds(10);

  private final Containers runtime;
  private final NodeContainers containers;
  private final ContainerJson json;
  private final Agent agent;
  private final EventHub events;

  ContainerRoutes(
      Containers runtime,
      NodeContainers containers,
      ContainerJson json,
      Agent agent,
      EventHub events) {
    this.runtime = runtime;
    this.containers = containers;
    this.json = json;
    this.agent = agent;
    this.events = events;
  }

  void addTo(Router router) {
    router
        .get("/containers/json", this::list)
        .get("/containers/{id}/json", this::inspect)
        .get("/containers/{id}/top", this::top)
        .post("/containers/{id}/kill", this::kill)
        .post("/containers/{id}/stop", this::stop)
        .post("/containers/{id}/pause", this::pause)
        .post("/containers/{id}/unpause", this::resume)
        .post("/containers/{id}/wait", this::await)
        .post("/containers/{id}/resize", this::resize)
        .post("/containers/prune", this::prune)
        .delete("/containers/{id}", this::remove)
        .post("/containers/create", ContainerRoutes::refuseCreate);
  }

  /** Containers outside of services are not made here; the message says what to use instead. */
  private static void refuseCreate(Exchange exchange) {
    throw HttpFailure.notImplemented(
        "containers are made by services here: use \"docker service create\"");
  }

  private void list(Exchange exchange) throws IOException {
    Filters filters =
        exchange
            .query()
            .filters()
            .allowOnly(
                "ancestor",
                "before",
                "exited",
                "expose",
                "health",
                "id",
                "is-task",
                "label",
                "name",
                "network",
                "publish",
                "since",
                "status",
                "volume");
    boolean all = exchange.query().flag("all") || filters.has("status") || filters.has("exited");
    long limit = exchange.query().number("limit").orElse(0L);
    ArrayNode found = Json.array();
    for (NodeContainer container : containers.all()) {
      boolean shown = (all || limit > 0 || container.isRunning()) && matches(filters, container);
      if (shown && (limit <= 0 || found.size() < limit)) {
        found.add(json.summary(container));
      }
    }
    exchange.json(200, found);
  }

  private boolean matches(Filters filters, NodeContainer container) {
    return filters.any("id", prefix -> container.id().startsWith(prefix))
        && filters.any("name", part -> ("/" + container.name()).contains(part))
        && filters.labels("label", container.state().labels())
        && filters.any("status", status -> status.equals(ContainerJson.status(container)))
        && filters.any(
            "exited",
            code ->
                container
                    .state()
                    .exit()
                    .map(exit -> Integer.toString(exit.code()))
                    .orElse("")
                    .equals(code))
        && filters.any(
            "ancestor",
            image ->
                container.image().startsWith(image) || container.state().imageId().contains(image))
        && (!filters.has("is-task")
            || filters.flag("is-task", true) == container.task().isPresent())
        && filters.any(
            "before",
            other ->
                container
                    .state()
                    .createdAt()
                    .isBefore(containers.require(other).state().createdAt()))
        && filters.any(
            "since",
            other ->
                container
                    .state()
                    .createdAt()
                    .isAfter(containers.require(other).state().createdAt()))
        && filters.any("network", network -> ContainerJson.isAttached(container, network));
  }

  private void inspect(Exchange exchange) throws IOException {
    exchange.json(200, json.details(containers.require(exchange.variable("id"))));
  }

  private void top(Exchange exchange) throws IOException, InterruptedException {
    NodeContainer container = containers.requireRunning(exchange.variable("id"));
    List<Integer> processes = runtime.processIds(container.id());
    String arguments = exchange.query().find("ps_args").orElse("-ef");
    exchange.json(200, ProcessTable.of(processes, arguments));
  }

  private void kill(Exchange exchange) throws IOException {
    String signal = exchange.query().find("signal").orElse("SIGKILL");
    int number =
        Signal.parse(signal)
            .map(Signal::number)
            .orElseThrow(() -> HttpFailure.invalid("invalid signal: " + signal));
    NodeContainer container = containers.require(exchange.variable("id"));
    if (!container.isRunning()) {
      throw HttpFailure.conflict(
          "cannot kill container: %s: container %s is not running"
              .formatted(exchange.variable("id"), container.id()));
    }
    runtime.kill(container.id(), number);
    event("kill", container, Map.of("signal", Integer.toString(number)));
    exchange.empty(204);
  }

  private void stop(Exchange exchange) throws IOException {
    NodeContainer container = containers.require(exchange.variable("id"));
    if (!container.isRunning()) {
      exchange.empty(304);
      return;
    }
    Duration grace =
        exchange
            .query()
            .number("t")
            .map(Duration::ofSeconds)
            .orElseGet(() -> container.spec().map(ContainerRoutes::grace).orElse(GRACE_DEFAULT));
    // Less than nothing means to wait for as long as it takes, as in Docker.
    runtime.stop(container.id(), grace.isNegative() ? Duration.ofDays(365) : grace);
    event("stop", container, Map.of());
    exchange.empty(204);
  }

  private static Duration grace(ContainerSpec spec) {
    return spec.hasStopGracePeriod()
        ? Duration.ofSeconds(
            spec.getStopGracePeriod().getSeconds(), spec.getStopGracePeriod().getNanos())
        : GRACE_DEFAULT;
  }

  private void pause(Exchange exchange) throws IOException {
    runtime.pause(containers.requireRunning(exchange.variable("id")).id());
    exchange.empty(204);
  }

  private void resume(Exchange exchange) throws IOException {
    runtime.resume(containers.requireRunning(exchange.variable("id")).id());
    exchange.empty(204);
  }

  private void await(Exchange exchange) throws IOException, InterruptedException {
    NodeContainer container = containers.require(exchange.variable("id"));
    CompletableFuture<ExitStatus> exit = runtime.exit(container.id());
    try (OutputStream output = exchange.stream(200, "application/json")) {
      output.flush();
      CompletableFuture.anyOf(exit, exchange.clientGone()).get();
      if (exit.isDone()) {
        output.write(Json.bytes(Json.object().put("StatusCode", exit.get().code())));
      }
    } catch (ExecutionException fault) {
      throw new IOException("wait for container " + container.id(), fault.getCause());
    }
  }

  private void resize(Exchange exchange) throws IOException {
    NodeContainer container = containers.requireRunning(exchange.variable("id"));
    TerminalSize size = TerminalSize.of(exchange.query());
    runtime.resize(container.id(), size.width(), size.height());
    exchange.empty(200);
  }

  private void remove(Exchange exchange) throws IOException {
    NodeContainer container = containers.require(exchange.variable("id"));
    if (container.isRunning() && !exchange.query().flag("force")) {
      throw HttpFailure.conflict(
          "cannot remove container \"%s\": container is %s: stop the container before removing or force remove"
              .formatted(
                  container.name(), ContainerJson.status(container).toLowerCase(Locale.ROOT)));
    }
    removeWithLog(container, exchange.query().flag("v"));
    exchange.empty(204);
  }

  private void removeWithLog(NodeContainer container, boolean anonymousVolumes) throws IOException {
    runtime.delete(container.id());
    agent.logs().remove(container.id());
    agent.volumes().release(container.id(), anonymousVolumes);
    event("destroy", container, Map.of());
  }

  private void prune(Exchange exchange) throws IOException {
    Filters filters = exchange.query().filters().allowOnly("label", "label!", "until");
    ArrayNode deleted = Json.array();
    for (NodeContainer container : containers.all()) {
      if (!container.isRunning()
          && filters.labels("label", container.state().labels())
          && filters.any(
              "until", limit -> container.state().createdAt().isBefore(Timestamps.parse(limit)))) {
        removeWithLog(container, false);
        deleted.add(container.id());
      }
    }
    ObjectNode answer = Json.object();
    answer.set("ContainersDeleted", deleted);
    answer.put("SpaceReclaimed", 0);
    exchange.json(200, answer);
  }

  private void event(String action, NodeContainer container, Map<String, String> more) {
    Map<String, String> attributes = new TreeMap<>(container.state().labels());
    attributes.put("name", container.name());
    attributes.put("image", container.image());
    attributes.putAll(more);
    events.publish(Event.local("container", action, container.id(), attributes));
  }
}
