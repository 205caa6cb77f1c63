package dev.hanse.docker.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.ContainerStatistics;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.web.Exchange;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code GET /containers/{id}/stats}: what a container uses, once or each second. */
public final class StatisticsRoute {
  private static final long PERIOD_MS = 1000;

  private final Containers runtime;
  private final NodeContainers containers;

  /** Reads the runtime's figures of the containers that are found. */
  public StatisticsRoute(Containers runtime, NodeContainers containers) {
    this.runtime = runtime;
    this.containers = containers;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router.get("/containers/{id}/stats", this::statistics);
  }

  private void statistics(Exchange exchange) throws IOException, InterruptedException {
    NodeContainer container = containers.require(exchange.variable("id"));
    if (exchange.query().flag("stream", true)) {
      stream(exchange, container);
      return;
    }
    Optional<ContainerStatistics> before = Optional.empty();
    if (!exchange.query().flag("one-shot") && container.isRunning()) {
      before = read(container);
      TimeUnit.MILLISECONDS.sleep(PERIOD_MS);
    }
    exchange.json(200, json(container, before, read(container)));
  }

  private void stream(Exchange exchange, NodeContainer container)
      throws IOException, InterruptedException {
    Optional<ContainerStatistics> before = Optional.empty();
    try (OutputStream client = exchange.stream(200, "application/json")) {
      while (!exchange.isClientGone() && isThere(container, before)) {
        Optional<ContainerStatistics> now = read(container);
        client.write(Json.bytes(json(container, before, now)));
        client.flush();
        before = now;
        awaitNext(exchange);
      }
    }
  }

  /** One that was read just now is there; else it is looked up. */
  private boolean isThere(NodeContainer container, Optional<ContainerStatistics> before) {
    return before.isPresent() || containers.byId(container.id()).isPresent();
  }

  private static void awaitNext(Exchange exchange) throws InterruptedException {
    try {
      exchange.clientGone().get(PERIOD_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException due) {
      // The usual case: the client is still there and the next reading is due.
    } catch (ExecutionException gone) {
      throw new IllegalStateException("the client's going never fails", gone);
    }
  }

  /** Empty for a container that does not run (any more). */
  private Optional<ContainerStatistics> read(NodeContainer container) {
    try {
      return Optional.of(runtime.statistics(container.id()));
    } catch (RuntimeFault fault) {
      if (fault.kind() == RuntimeFault.Kind.CONFLICT
          || fault.kind() == RuntimeFault.Kind.NO_SUCH_CONTAINER) {
        return Optional.empty();
      }
      throw fault;
    }
  }

  private static ObjectNode json(
      NodeContainer container,
      Optional<ContainerStatistics> before,
      Optional<ContainerStatistics> now) {
    return StatisticsJson.of(container.id(), container.name(), before, now);
  }
}
