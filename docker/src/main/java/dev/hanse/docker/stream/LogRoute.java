package dev.hanse.docker.stream;

import dev.hanse.agent.log.LogQuery;
import dev.hanse.agent.log.LogReader;
import dev.hanse.agent.log.LogSource;
import dev.hanse.agent.log.LogStore;
import dev.hanse.docker.container.NodeContainer;
import dev.hanse.docker.container.NodeContainers;
import dev.hanse.docker.protocol.LogStreams;
import dev.hanse.docker.protocol.Timestamps;
import dev.hanse.text.Digits;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Query;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** {@code GET /containers/{id}/logs}: what a container has written, and goes on to write. */
public final class LogRoute {
  private final LogStore logs;
  private final NodeContainers containers;

  /** Reads the logs of the containers that are found. */
  public LogRoute(LogStore logs, NodeContainers containers) {
    this.logs = logs;
    this.containers = containers;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router.get("/containers/{id}/logs", this::logs);
  }

  private void logs(Exchange exchange) throws IOException, InterruptedException {
    LogQuery query = query(exchange.query());
    NodeContainer container = containers.require(exchange.variable("id"));
    requireReadable(container);
    boolean framed = !container.terminal();
    boolean timestamps = exchange.query().flag("timestamps");
    boolean details = exchange.query().flag("details");
    try (LogReader reader = logs.read(container.id(), query);
        OutputStream client = exchange.stream(200, LogStreams.contentType(exchange, !framed))) {
      var unused = exchange.clientGone().thenRun(() -> close(reader));
      client.flush();
      new LogForm(framed, timestamps, details).copy(reader, client, query.follow());
    }
  }

  private static void requireReadable(NodeContainer container) {
    boolean none =
        container
            .task()
            .filter(task -> task.getSpec().getLogDriver().getName().equals("none"))
            .isPresent();
    if (none) {
      throw HttpFailure.notImplemented("configured logging driver does not support reading");
    }
  }

  private static void close(LogReader reader) {
    try {
      reader.close();
    } catch (IOException fault) {
      throw new UncheckedIOException("close a log that nobody reads any more", fault);
    }
  }

  private static LogQuery query(Query query) {
    Set<LogSource> sources = EnumSet.noneOf(LogSource.class);
    if (query.flag("stdout")) {
      sources.add(LogSource.STDOUT);
    }
    if (query.flag("stderr")) {
      sources.add(LogSource.STDERR);
    }
    if (sources.isEmpty()) {
      throw HttpFailure.invalid("Bad parameters: you must choose at least one stream");
    }
    return new LogQuery(
        sources, tail(query), time(query, "since"), time(query, "until"), query.flag("follow"));
  }

  private static OptionalLong tail(Query query) {
    String text = query.text("tail");
    // Docker takes what is no number, and what is negative, for "all".
    return Digits.are(text, 15) ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  private static Optional<Instant> time(Query query, String name) {
    return query.find(name).filter(text -> !text.equals("0")).map(Timestamps::parse);
  }
}
