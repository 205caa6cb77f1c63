package dev.hanse.docker.container;

import dev.hanse.runtime.containers.ContainerEvent;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.process.ExitStatus;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** {@code POST /containers/{id}/wait}: answers with the exit code, when there is one. */
public final class WaitRoute {
  private final Containers runtime;
  private final NodeContainers containers;

  /** Waits for the runtime's word on the containers that are found. */
  public WaitRoute(Containers runtime, NodeContainers containers) {
    this.runtime = runtime;
    this.containers = containers;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router.post("/containers/{id}/wait", this::await);
  }

  private enum Condition {
    NOT_RUNNING,
    NEXT_EXIT,
    REMOVED;

    static Condition of(String text) {
      return switch (text) {
        case "", "not-running" -> NOT_RUNNING;
        case "next-exit" -> NEXT_EXIT;
        case "removed" -> REMOVED;
        default -> throw HttpFailure.invalid("invalid condition: \"" + text + "\"");
      };
    }
  }

  private void await(Exchange exchange) throws Exception {
    Condition condition = Condition.of(exchange.query().text("condition"));
    NodeContainer container = containers.require(exchange.variable("id"));
    CompletableFuture<Integer> code = new CompletableFuture<>();
    Waiting waiting = new Waiting(container.id(), condition, code);
    try (AutoCloseable subscription = runtime.subscribe(waiting::happened)) {
      // Looked at after subscribing, so that nothing in between is missed.
      waiting.begin(containers.byId(container.id()));
      answer(exchange, code);
    }
  }

  private static void answer(Exchange exchange, CompletableFuture<Integer> code)
      throws IOException, InterruptedException {
    try (OutputStream output = exchange.stream(200, "application/json")) {
      output.flush();
      CompletableFuture.anyOf(code, exchange.clientGone()).get();
      if (code.isDone()) {
        output.write(Json.bytes(Json.object().put("StatusCode", code.get())));
      }
    } catch (ExecutionException fault) {
      throw new IOException("wait for a container", fault.getCause());
    }
  }

  /** What is awaited, and the last exit code seen. Events come on one thread. */
  private static final class Waiting {
    private final String id;
    private final Condition condition;
    private final CompletableFuture<Integer> code;
    private int last;

    Waiting(String id, Condition condition, CompletableFuture<Integer> code) {
      this.id = id;
      this.condition = condition;
      this.code = code;
    }

    synchronized void begin(Optional<NodeContainer> now) {
      now.flatMap(container -> container.state().exit()).ifPresent(exit -> last = exit.code());
      boolean met =
          switch (condition) {
            case NOT_RUNNING -> now.isEmpty() || !now.get().isRunning();
            case NEXT_EXIT, REMOVED -> now.isEmpty();
          };
      if (met) {
        code.complete(last);
      }
    }

    synchronized void happened(ContainerEvent event) {
      if (!event.containerId().equals(id)) {
        return;
      }
      if (event instanceof ContainerEvent.Exited(var _, ExitStatus status)) {
        last = status.code();
        if (condition != Condition.REMOVED) {
          code.complete(last);
        }
      } else if (event instanceof ContainerEvent.Removed) {
        code.complete(last);
      }
    }
  }
}
