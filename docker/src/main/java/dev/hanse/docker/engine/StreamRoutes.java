package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.hanse.agent.Agent;
import dev.hanse.agent.log.LogEntry;
import dev.hanse.agent.log.LogQuery;
import dev.hanse.agent.log.LogReader;
import dev.hanse.agent.log.LogSource;
import dev.hanse.docker.http.Exchange;
import dev.hanse.docker.http.HttpFailure;
import dev.hanse.docker.http.Json;
import dev.hanse.docker.http.Query;
import dev.hanse.docker.http.Router;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.ContainerStatistics;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.containers.OutputListener.Stream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code /containers/{id}/logs}, {@code attach} and {@code stats}: answers that go on. */
final class StreamRoutes {
  private static final String RAW = "application/vnd.docker.raw-stream";
  private static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";
  private static final long STATISTICS_PERIOD_MS = 1000;
  private static final DateTimeFormatter LOG_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

  private final Containers runtime;
  private final NodeContainers containers;
  private final Agent agent;

  StreamRoutes(Containers runtime, NodeContainers containers, Agent agent) {
    this.runtime = runtime;
    this.containers = containers;
    this.agent = agent;
  }

  void addTo(Router router) {
    router
        .get("/containers/{id}/logs", this::logs)
        .post("/containers/{id}/attach", this::attach)
        .get("/containers/{id}/stats", this::statistics);
  }

  /** The content type of raw output: since 1.42 it says whether there are frames. */
  static String contentType(boolean framed, Exchange exchange) {
    return framed && exchange.version().atLeast(1, 42) ? MULTIPLEXED : RAW;
  }

  private void logs(Exchange exchange) throws IOException, InterruptedException {
    LogQuery query = logQuery(exchange.query());
    NodeContainer container = containers.require(exchange.variable("id"));
    boolean framed = !container.terminal();
    boolean timestamps = exchange.query().flag("timestamps");
    try (LogReader reader = agent.logs().read(container.id(), query);
        OutputStream client = exchange.stream(200, contentType(framed, exchange))) {
      var unused = exchange.clientGone().thenRun(() -> close(reader));
      client.flush();
      Optional<LogEntry> entry = reader.next();
      while (entry.isPresent()) {
        write(client, entry.get(), framed, timestamps);
        client.flush();
        entry = reader.next();
      }
    }
  }

  private static void close(LogReader reader) {
    try {
      reader.close();
    } catch (IOException fault) {
      throw new UncheckedIOException("close a log that nobody reads any more", fault);
    }
  }

  private static LogQuery logQuery(Query query) {
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
    return text.matches("\\d{1,15}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  private static Optional<Instant> time(Query query, String name) {
    return query.find(name).filter(text -> !text.equals("0")).map(Timestamps::parse);
  }

  private static void write(OutputStream client, LogEntry entry, boolean framed, boolean timestamps)
      throws IOException {
    ByteString bytes = entry.written();
    if (timestamps) {
      bytes = ByteString.copyFromUtf8(LOG_TIME.format(entry.timestamp()) + " ").concat(bytes);
    }
    if (framed) {
      Stream stream = entry.source() == LogSource.STDERR ? Stream.STDERR : Stream.STDOUT;
      client.write(OutputQueue.header(stream, bytes.size()));
    }
    bytes.writeTo(client);
  }

  private void attach(Exchange exchange) throws IOException {
    NodeContainer container = containers.requireRunning(exchange.variable("id"));
    boolean framed = !container.terminal();
    boolean input = exchange.query().flag("stdin") && exchange.query().flag("stream");
    exchange.hijack(
        contentType(framed, exchange),
        duplex -> {
          OutputQueue output = new OutputQueue(framed);
          try (AutoCloseable attached = runtime.attach(container.id(), output)) {
            if (input) {
              InputPump.start(duplex.input(), runtime.input(container.id()), false);
            }
            output.copyTo(duplex.output());
          }
        });
  }

  private void statistics(Exchange exchange) throws IOException, InterruptedException {
    NodeContainer container = containers.require(exchange.variable("id"));
    boolean stream = exchange.query().flag("stream", true);
    boolean oneShot = exchange.query().flag("one-shot");
    Optional<ContainerStatistics> before = Optional.empty();
    if (!stream) {
      if (!oneShot && container.isRunning()) {
        before = read(container);
        TimeUnit.MILLISECONDS.sleep(STATISTICS_PERIOD_MS);
      }
      exchange.json(200, statistics(container, before, read(container)));
      return;
    }
    try (OutputStream client = exchange.stream(200, "application/json")) {
      while (!exchange.isClientGone()) {
        Optional<ContainerStatistics> now = read(container);
        client.write(Json.bytes(statistics(container, before, now)));
        client.flush();
        before = now;
        awaitNext(exchange);
      }
    }
  }

  private static void awaitNext(Exchange exchange) throws InterruptedException {
    try {
      exchange.clientGone().get(STATISTICS_PERIOD_MS, TimeUnit.MILLISECONDS);
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

  private static ObjectNode statistics(
      NodeContainer container,
      Optional<ContainerStatistics> before,
      Optional<ContainerStatistics> now) {
    return StatisticsJson.of(container.id(), container.name(), before, now);
  }
}
