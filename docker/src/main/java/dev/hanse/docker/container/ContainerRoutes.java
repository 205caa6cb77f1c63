package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.agent.Agent;
import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.docker.protocol.PruneFilter;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.images.Images;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * {@code /containers}: what is asked of them, and their removal (<a
 * href="https://docs.docker.com/reference/api/engine/#tag/Container">API</a>).
 */
public final class ContainerRoutes {
  private final Containers runtime;
  private final Images images;
  private final NodeContainers containers;
  private final ContainerImages configs;
  private final ContainerJson json;
  private final ContainerHealth health;
  private final Agent agent;
  private final EventHub events;

  /** Asks the runtime and the agent; what was done is told to the events. */
  public ContainerRoutes(
      Containers runtime,
      Images images,
      NodeContainers containers,
      ContainerJson json,
      ContainerHealth health,
      Agent agent,
      EventHub events) {
    this.runtime = runtime;
    this.images = images;
    this.containers = containers;
    this.configs = new ContainerImages(images);
    this.json = json;
    this.health = health;
    this.agent = agent;
    this.events = events;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router
        .get("/containers/json", this::list)
        .get("/containers/{id}/json", this::inspect)
        .get("/containers/{id}/top", this::top)
        .post("/containers/prune", this::prune)
        .delete("/containers/{id}", this::remove);
  }

  private void list(Exchange exchange) throws IOException {
    ContainerFilter filter = new ContainerFilter(Filters.of(exchange), containers, health, images);
    long limit = exchange.query().number("limit").orElse(0L);
    boolean all = exchange.query().flag("all") || limit > 0 || filter.wantsStopped();
    boolean sizes = exchange.query().flag("size");
    List<NodeContainer> found =
        filter.apply(containers.all()).stream()
            .filter(container -> all || container.isRunning())
            .limit(limit > 0 ? limit : Long.MAX_VALUE)
            .toList();
    exchange.jsonArray(200, found.stream().map(container -> summary(container, sizes)));
  }

  private ObjectNode summary(NodeContainer container, boolean sizes) {
    try {
      ObjectNode entry = json.summary(container);
      return sizes ? json.withSizes(entry, container) : entry;
    } catch (IOException fault) {
      throw new UncheckedIOException(fault.getMessage(), fault);
    }
  }

  private void inspect(Exchange exchange) throws IOException {
    NodeContainer container = containers.require(exchange.variable("id"));
    ObjectNode answer = json.details(container, containers.place(container));
    exchange.json(200, exchange.query().flag("size") ? json.withSizes(answer, container) : answer);
  }

  private void top(Exchange exchange) throws IOException, InterruptedException {
    String arguments = exchange.query().find("ps_args").orElse("-ef");
    NodeContainer container = containers.requireRunning(exchange.variable("id"));
    List<Integer> processes = runtime.processIds(container.id());
    exchange.json(200, ProcessTable.of(processes, arguments));
    events.publish(Event.local("container", "top", container.id(), container.eventAttributes()));
  }

  private void remove(Exchange exchange) throws IOException {
    if (exchange.query().flag("link")) {
      throw HttpFailure.invalid("Conflict, cannot remove the default link name of the container");
    }
    NodeContainer container = containers.require(exchange.variable("id"));
    if (container.isRunning() && !exchange.query().flag("force")) {
      throw HttpFailure.conflict(
          "cannot remove container \"%s\": %s"
              .formatted(
                  exchange.variable("id"),
                  container.isPaused()
                      ? "container is paused and must be unpaused first"
                      : "container is running: stop the container before removing or force"
                          + " remove"));
    }
    remove(container, exchange.query().flag("v"));
    exchange.empty(204);
  }

  private void remove(NodeContainer container, boolean anonymousVolumes) throws IOException {
    runtime.delete(container.id());
    agent.logs().remove(container.id());
    agent.volumes().release(container.id(), anonymousVolumes);
  }

  private void prune(Exchange exchange) throws IOException {
    PruneFilter filter = PruneFilter.of(Filters.of(exchange).allowOnly("label", "label!", "until"));
    ArrayNode deleted = Json.array();
    long reclaimed = 0;
    for (NodeContainer container : containers.all()) {
      if (!container.isRunning() && isPruned(container, filter)) {
        reclaimed += bytes(container);
        remove(container, false);
        deleted.add(container.id());
      }
    }
    events.publish(
        Event.local("container", "prune", "", Map.of("reclaimed", Long.toString(reclaimed))));
    ObjectNode answer = Json.object();
    answer.set("ContainersDeleted", deleted);
    answer.put("SpaceReclaimed", reclaimed);
    exchange.json(200, answer);
  }

  private boolean isPruned(NodeContainer container, PruneFilter filter) {
    return filter.fits(configs.inspected(container).labels(), container.state().createdAt());
  }

  private long bytes(NodeContainer container) {
    try {
      return runtime.writtenBytes(container.id());
    } catch (RuntimeFault gone) {
      return 0;
    }
  }
}
