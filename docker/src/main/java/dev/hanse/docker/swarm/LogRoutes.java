package dev.hanse.docker.swarm;

import dev.hanse.cluster.ServiceLogs;
import dev.hanse.docker.field.Times;
import dev.hanse.docker.protocol.LogStreams;
import dev.hanse.docker.protocol.UnixTime;
import dev.hanse.model.LogMessage;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogStream;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.store.Kind;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Router;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code /services/{id}/logs} and {@code /tasks/{id}/logs}, gathered from the nodes. */
public final class LogRoutes {
  private static final String PREFIX = "com.docker.swarm.";

  private final ManagerGate gate;

  public LogRoutes(ManagerGate gate) {
    this.gate = gate;
  }

  /** Adds the routes. */
  public void addTo(Router router) {
    router.get("/services/{id}/logs", this::serviceLogs).get("/tasks/{id}/logs", this::taskLogs);
  }

  private void serviceLogs(Exchange exchange) throws IOException, InterruptedException {
    LogSubscriptionOptions options = options(exchange);
    Service service = Named.find(gate.snapshot(), Kind.SERVICE, exchange.variable("id"));
    LogSelector selector = LogSelector.newBuilder().addServiceIds(service.getId()).build();
    send(exchange, selector, options, service.getSpec().getTask());
  }

  private void taskLogs(Exchange exchange) throws IOException, InterruptedException {
    LogSubscriptionOptions options = options(exchange);
    Task task = Named.task(gate.snapshot(), exchange.variable("id"));
    LogSelector selector = LogSelector.newBuilder().addTaskIds(task.getId()).build();
    send(exchange, selector, options, task.getSpec());
  }

  private static LogSubscriptionOptions options(Exchange exchange) {
    boolean stdout = exchange.query().flag("stdout");
    boolean stderr = exchange.query().flag("stderr");
    if (!stdout && !stderr) {
      throw HttpFailure.invalid("must specify at least one of 'stdout' or 'stderr'");
    }
    LogSubscriptionOptions.Builder options =
        LogSubscriptionOptions.newBuilder()
            .setFollow(exchange.query().flag("follow"))
            .setTail(tail(exchange.query().text("tail")));
    if (stdout) {
      options.addStreams(LogStream.LOG_STREAM_STDOUT);
    }
    if (stderr) {
      options.addStreams(LogStream.LOG_STREAM_STDERR);
    }
    UnixTime.parse("since", exchange.query().text("since")).ifPresent(options::setSince);
    return options.build();
  }

  /** In the model 0 is "all", and -1 - n is "the last n lines". */
  private static long tail(String text) {
    if (text.isEmpty() || text.equals("all")) {
      return 0;
    }
    try {
      long lines = Long.parseLong(text);
      return lines < 0 ? 0 : -1 - lines;
    } catch (NumberFormatException e) {
      throw HttpFailure.invalid("tail value must be a positive integer or \"all\": " + text);
    }
  }

  private void send(
      Exchange exchange, LogSelector selector, LogSubscriptionOptions options, TaskSpec spec)
      throws IOException, InterruptedException {
    boolean raw = spec.getContainer().getTty();
    boolean timestamps = exchange.query().flag("timestamps");
    boolean details = exchange.query().flag("details");
    try (ServiceLogs logs = gate.cluster().logs(selector, options);
        OutputStream out = exchange.stream(200, LogStreams.contentType(exchange, raw))) {
      out.flush();
      exchange.onClientGone(logs::close);
      for (Optional<List<LogMessage>> next = logs.next();
          next.isPresent() && !exchange.isClientGone();
          next = logs.next()) {
        for (LogMessage message : next.get()) {
          LogStreams.write(
              out, raw, stream(message), prefix(message, timestamps, details), message.getData());
        }
        out.flush();
      }
      if (!raw && !logs.missing().isEmpty()) {
        LogStreams.writeError(out, incomplete(logs.missing()));
      }
    }
  }

  private static String incomplete(List<String> reasons) {
    return "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream."
        + " some logs could not be retrieved for the following reasons: "
        + String.join(", ", reasons)
        + "\n";
  }

  private static LogStreams.Kind stream(LogMessage message) {
    return switch (message.getStream()) {
      case LOG_STREAM_STDERR -> LogStreams.Kind.STDERR;
      case LOG_STREAM_STDOUT, LOG_STREAM_UNKNOWN, UNRECOGNIZED -> LogStreams.Kind.STDOUT;
    };
  }

  private static String prefix(LogMessage message, boolean timestamps, boolean details) {
    StringBuilder prefix = new StringBuilder();
    if (timestamps) {
      prefix.append(LogStreams.fixed(Times.instant(message.getTimestamp()))).append(' ');
    }
    if (details) {
      Map<String, String> attributes = new TreeMap<>();
      message.getAttrsList().forEach(attr -> attributes.put(attr.getKey(), attr.getValue()));
      attributes.put(PREFIX + "node.id", message.getContext().getNodeId());
      attributes.put(PREFIX + "service.id", message.getContext().getServiceId());
      attributes.put(PREFIX + "task.id", message.getContext().getTaskId());
      prefix.append(LogStreams.details(attributes)).append(' ');
    }
    return prefix.toString();
  }
}
