package dev.hanse.docker.stream;

import dev.hanse.agent.log.LogQuery;
import dev.hanse.agent.log.LogReader;
import dev.hanse.agent.log.LogStore;
import dev.hanse.docker.container.NodeContainer;
import dev.hanse.docker.container.NodeContainers;
import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.protocol.LogStreams;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.web.Duplex;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Query;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** {@code POST /containers/{id}/attach}: a container's own input and output. */
public final class AttachRoute {
  private final Containers runtime;
  private final NodeContainers containers;
  private final LogStore logs;
  private final EventHub events;

  /** Attaches to the runtime's containers; what they wrote before is in the logs. */
  public AttachRoute(
      Containers runtime, NodeContainers containers, LogStore logs, EventHub events) {
    this.runtime = runtime;
    this.containers = containers;
    this.logs = logs;
    this.events = events;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router.post("/containers/{id}/attach", this::attach);
  }

  private void attach(Exchange exchange) throws IOException {
    String name = exchange.variable("id");
    NodeContainer container = containers.requireRunning(name);
    if (container.isPaused()) {
      throw HttpFailure.conflict(
          "container " + name + " is paused, unpause the container before attach");
    }
    Query query = exchange.query();
    boolean framed = !container.terminal();
    exchange.hijack(
        LogStreams.contentType(exchange, !framed),
        duplex -> {
          if (query.flag("logs")) {
            copyLog(container, framed, duplex.output());
          }
          if (query.flag("stream")) {
            serve(container, query, framed, duplex);
          }
        });
    events.publish(Event.local("container", "attach", container.id(), container.eventAttributes()));
  }

  private void copyLog(NodeContainer container, boolean framed, OutputStream client)
      throws IOException, InterruptedException {
    try (LogReader reader = logs.read(container.id(), LogQuery.everything())) {
      new LogForm(framed, false, false).copy(reader, client, false);
    }
  }

  private void serve(NodeContainer container, Query query, boolean framed, Duplex duplex)
      throws Exception {
    OutputQueue output = new OutputQueue(framed);
    OutputFilter wanted = new OutputFilter(output, query.flag("stdout"), query.flag("stderr"));
    boolean input =
        query.flag("stdin") && container.spec().map(spec -> spec.getOpenStdin()).orElse(false);
    try (output;
        AutoCloseable attached = runtime.attach(container.id(), wanted)) {
      if (input) {
        InputPump.start(duplex.input(), () -> Optional.of(runtime.input(container.id())), false);
      }
      output.copyTo(duplex);
    }
  }
}
