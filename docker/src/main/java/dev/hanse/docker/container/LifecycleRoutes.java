package dev.hanse.docker.container;

import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.protocol.ApiVersion;
import dev.hanse.model.ContainerSpec;
import dev.hanse.model.RestartPolicy;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.runtime.process.Signals;
import dev.hanse.runtime.spec.ConsoleSize;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Router;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What makes a container run, freeze and end. A task runs once: its container is not started again,
 * and to restart it is to end it, upon which its service makes a new task.
 */
public final class LifecycleRoutes {
  private static final Duration GRACE_DEFAULT = Duration.ofSeconds(10);

  /** For those who want to wait for as long as it takes. */
  private static final Duration GRACE_MAX = Duration.ofDays(365);

  private final Containers runtime;
  private final NodeContainers containers;
  private final EventHub events;

  /** Acts on the runtime's containers; what was done to one is told to the events. */
  public LifecycleRoutes(Containers runtime, NodeContainers containers, EventHub events) {
    this.runtime = runtime;
    this.containers = containers;
    this.events = events;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router
        .post("/containers/{id}/start", this::start)
        .post("/containers/{id}/restart", this::restart)
        .post("/containers/{id}/stop", this::stop)
        .post("/containers/{id}/kill", this::kill)
        .post("/containers/{id}/pause", this::pause)
        .post("/containers/{id}/unpause", this::resume)
        .post("/containers/{id}/resize", this::resize);
  }

  private void start(Exchange exchange) throws IOException {
    NodeContainer container = containers.require(exchange.variable("id"));
    if (container.isPaused()) {
      throw HttpFailure.conflict(
          "cannot start a paused container, try unpause instead: " + exchange.variable("id"));
    }
    if (!container.isRunning()) {
      throw oneRunOnly("start", container);
    }
    exchange.empty(304);
  }

  private static HttpFailure oneRunOnly(String action, NodeContainer container) {
    return HttpFailure.conflict(
        ("cannot %s container %s: it belongs to a task, and a task runs once; \"docker service"
                + " update --force\" makes new ones")
            .formatted(action, container.name()));
  }

  private void restart(Exchange exchange) throws IOException, InterruptedException {
    NodeContainer container = containers.require(exchange.variable("id"));
    if (!container.isRunning() || !isReplacedWhenStopped(container)) {
      throw oneRunOnly("restart", container);
    }
    stop(exchange, container);
    exchange.empty(204);
  }

  private static boolean isReplacedWhenStopped(NodeContainer container) {
    return container
        .task()
        .filter(
            task ->
                task.getSpec().getRestart().getCondition() == RestartPolicy.RestartCondition.ANY)
        .isPresent();
  }

  private void stop(Exchange exchange) throws IOException, InterruptedException {
    NodeContainer container = containers.require(exchange.variable("id"));
    if (container.isRunning()) {
      stop(exchange, container);
      exchange.empty(204);
    } else {
      exchange.empty(304);
    }
  }

  private void stop(Exchange exchange, NodeContainer container) throws InterruptedException {
    Optional<String> signal = exchange.query().find("signal");
    Optional<Duration> asked = exchange.query().number("t").map(Duration::ofSeconds);
    Duration grace =
        asked.orElseGet(() -> container.spec().map(LifecycleRoutes::grace).orElse(GRACE_DEFAULT));
    // Less than nothing means to wait for as long as it takes, as in Docker.
    Duration patience = grace.isNegative() ? GRACE_MAX : grace;
    if (signal.isPresent() && ApiVersion.of(exchange).atLeast(1, 42)) {
      CompletableFuture<ExitStatus> exit = runtime.exit(container.id());
      runtime.kill(container.id(), number(signal.get()));
      if (!endsWithin(exit, patience)) {
        runtime.stop(container.id(), Duration.ZERO);
      }
    } else {
      runtime.stop(container.id(), patience);
    }
    event("stop", container, Map.of());
  }

  private static boolean endsWithin(CompletableFuture<ExitStatus> exit, Duration patience)
      throws InterruptedException {
    try {
      var unused = exit.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException stubborn) {
      return false;
    } catch (ExecutionException lost) {
      throw new IllegalStateException("exits do not fail", lost);
    }
  }

  private static Duration grace(ContainerSpec spec) {
    return spec.hasStopGracePeriod()
        ? Duration.ofSeconds(
            spec.getStopGracePeriod().getSeconds(), spec.getStopGracePeriod().getNanos())
        : GRACE_DEFAULT;
  }

  private void kill(Exchange exchange) throws IOException {
    String name = exchange.variable("id");
    int number = number(exchange.query().find("signal").orElse("SIGKILL"));
    NodeContainer container;
    try {
      container = containers.requireRunning(name);
      runtime.kill(container.id(), number);
    } catch (HttpFailure refused) {
      throw cannotKill(name, refused.status(), refused.message());
    } catch (RuntimeFault ended) {
      if (ended.kind() != RuntimeFault.Kind.CONFLICT) {
        throw ended;
      }
      throw cannotKill(name, 409, String.valueOf(ended.getMessage()));
    }
    event("kill", container, Map.of("signal", Integer.toString(number)));
    exchange.empty(204);
  }

  private static HttpFailure cannotKill(String name, int status, String why) {
    return new HttpFailure(status, "cannot kill container: " + name + ": " + why);
  }

  private static int number(String signal) {
    return Signals.parse(signal)
        .orElseThrow(() -> HttpFailure.invalid("invalid signal: " + signal));
  }

  private void pause(Exchange exchange) throws IOException {
    NodeContainer container = containers.requireRunning(exchange.variable("id"));
    if (container.isPaused()) {
      throw HttpFailure.conflict("container " + container.id() + " is already paused");
    }
    runtime.pause(container.id());
    exchange.empty(204);
  }

  private void resume(Exchange exchange) throws IOException {
    NodeContainer container = containers.require(exchange.variable("id"));
    if (!container.isPaused()) {
      throw HttpFailure.internal("Container " + container.id() + " is not paused");
    }
    runtime.resume(container.id());
    exchange.empty(204);
  }

  private void resize(Exchange exchange) throws IOException {
    ConsoleSize size = TerminalSize.of(exchange.query());
    NodeContainer container = containers.requireRunning(exchange.variable("id"));
    runtime.resize(container.id(), size.width(), size.height());
    exchange.empty(200);
  }

  private void event(String action, NodeContainer container, Map<String, String> more) {
    Map<String, String> attributes = new HashMap<>(container.eventAttributes());
    attributes.putAll(more);
    events.publish(Event.local("container", action, container.id(), attributes));
  }
}
