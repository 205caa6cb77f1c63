package dev.hanse.docker.stream;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.hanse.docker.container.NodeContainer;
import dev.hanse.docker.container.NodeContainers;
import dev.hanse.docker.container.TerminalSize;
import dev.hanse.docker.events.Event;
import dev.hanse.docker.events.EventHub;
import dev.hanse.docker.field.Fields;
import dev.hanse.docker.protocol.LogStreams;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.process.ExecProcess;
import dev.hanse.runtime.process.ExecSettings;
import dev.hanse.runtime.process.OutputListener;
import dev.hanse.runtime.spec.ConsoleSize;
import dev.hanse.web.Duplex;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Router;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** {@code /exec} (<a href="https://docs.docker.com/reference/api/engine/#tag/Exec">API</a>). */
public final class ExecRoutes {
  private static final int EXIT_CODE_NOT_STARTED = 126;
  private static final int EXIT_CODE_NOT_FOUND = 127;

  private final Containers runtime;
  private final NodeContainers containers;
  private final EventHub events;
  private final ExecSessions sessions;
  private final Supplier<String> nodeId;
  private final SecureRandom random = new SecureRandom();

  /**
   * Runs further processes in the runtime's containers; the sessions hold them until they end.
   *
   * @param nodeId of this node, "" outside of a swarm
   */
  public ExecRoutes(
      Containers runtime,
      NodeContainers containers,
      ExecSessions sessions,
      EventHub events,
      Supplier<String> nodeId) {
    this.runtime = runtime;
    this.containers = containers;
    this.sessions = sessions;
    this.events = events;
    this.nodeId = nodeId;
  }

  /** Adds its routes. */
  public void addTo(Router router) {
    router
        .post("/containers/{id}/exec", this::create)
        .post("/exec/{id}/start", this::start)
        .post("/exec/{id}/resize", this::resize)
        .get("/exec/{id}/json", this::inspect);
  }

  private void create(Exchange exchange) throws IOException {
    Fields body = Fields.of(exchange.json());
    List<String> command = body.texts("Cmd");
    if (command.isEmpty()) {
      throw HttpFailure.invalid("No exec command specified");
    }
    NodeContainer container = containers.requireActive(exchange.variable("id"));
    ExecSettings settings =
        new ExecSettings(
            command,
            body.texts("Env"),
            text(body, "User"),
            text(body, "WorkingDir"),
            body.flag("Tty"),
            body.flag("AttachStdin"),
            body.flag("Privileged"));
    ExecSession session =
        new ExecSession(
            ExecIds.make(random, nodeId.get()),
            container.id(),
            sized(settings, body),
            body.flag("AttachStdout"),
            body.flag("AttachStderr"));
    sessions.add(session);
    event("exec_create", session, container);
    exchange.json(201, Json.object().put("Id", session.id()));
  }

  private static ExecSettings sized(ExecSettings settings, Fields body) {
    return TerminalSize.ofConsole(body.numbers("ConsoleSize"))
        .map(settings::withConsoleSize)
        .orElse(settings);
  }

  private static Optional<String> text(Fields body, String key) {
    return Optional.of(body.text(key)).filter(text -> !text.isEmpty());
  }

  private void start(Exchange exchange) throws IOException {
    Fields body = Fields.of(exchange.json());
    ExecSession session = sessions.require(exchange.variable("id"));
    NodeContainer container = containers.requireActive(session.containerId());
    session.claim();
    event("exec_start", session, container);
    if (body.flag("Detach")) {
      var unused = run(session, session.settings(), OutputListener.NONE);
      exchange.empty(200);
      return;
    }
    boolean framed = !session.settings().terminal();
    ExecSettings settings = sized(session.settings(), body);
    // The head first: some clients lose the output that arrives in one piece with it.
    exchange.hijack(
        LogStreams.contentType(exchange, !framed),
        duplex -> serve(session, settings, framed, duplex));
  }

  private ExecProcess run(ExecSession session, ExecSettings settings, OutputListener output) {
    try {
      ExecProcess process = runtime.exec(session.containerId(), settings, output);
      session.started(process);
      return process;
    } catch (RuntimeException fault) {
      session.failed(
          fault instanceof RuntimeFault known
              ? failureCode(known).orElse(EXIT_CODE_NOT_STARTED)
              : EXIT_CODE_NOT_STARTED);
      throw fault;
    }
  }

  /** The exit code that a shell would give for a command that cannot be run. */
  private static OptionalInt failureCode(RuntimeFault fault) {
    return switch (fault.kind()) {
      case COMMAND_NOT_FOUND -> OptionalInt.of(EXIT_CODE_NOT_FOUND);
      case COMMAND_NOT_EXECUTABLE, START_FAILED -> OptionalInt.of(EXIT_CODE_NOT_STARTED);
      case NOT_INSTALLED,
          UNAVAILABLE,
          NO_SUCH_IMAGE,
          NO_SUCH_CONTAINER,
          NO_SUCH_EXEC,
          MANIFEST_UNKNOWN,
          PULL_DENIED,
          UNAUTHORIZED,
          REGISTRY_UNREACHABLE,
          BAD_IMAGE,
          BAD_TAR,
          INVALID,
          CONFLICT,
          INTERNAL ->
          OptionalInt.empty();
    };
  }

  private record ExecOutput(ExecProcess process) implements OutputQueue.Source {
    @Override
    public void pause() {
      process.pauseOutput();
    }

    @Override
    public void resume() {
      process.resumeOutput();
    }
  }

  private void serve(ExecSession session, ExecSettings settings, boolean framed, Duplex duplex)
      throws IOException, InterruptedException {
    try (OutputQueue output = new OutputQueue(framed)) {
      ExecProcess process;
      try {
        process = run(session, settings, session.filtered(output));
      } catch (RuntimeFault fault) {
        // As Docker does: clients show it as output and then ask for the exit code.
        ByteString text = ByteString.copyFromUtf8(fault.getMessage() + "\r\n");
        LogStreams.write(duplex.output(), !framed, LogStreams.Kind.STDOUT, "", text);
        return;
      }
      output.holdsUp(new ExecOutput(process));
      carry(process, output, duplex);
    }
  }

  private static void carry(ExecProcess process, OutputQueue output, Duplex duplex)
      throws IOException, InterruptedException {
    InputPump.start(duplex.input(), process::input, true);
    var unused = process.exit().whenComplete((status, fault) -> output.ended());
    output.copyTo(duplex);
    try {
      // Who asks for the exit code when the output has ended is to get it.
      var unusedToo = process.exit().get();
    } catch (ExecutionException fault) {
      throw new IOException("exec " + process.id(), fault.getCause());
    }
  }

  private void event(String action, ExecSession session, NodeContainer container) {
    Map<String, String> attributes = new HashMap<>(container.eventAttributes());
    attributes.put("execID", session.id());
    String command = String.join(" ", session.settings().arguments());
    events.publish(Event.local("container", action + ": " + command, container.id(), attributes));
  }

  private void resize(Exchange exchange) throws IOException, InterruptedException {
    ExecSession session = sessions.require(exchange.variable("id"));
    ConsoleSize size = TerminalSize.of(exchange.query());
    session
        .awaitProcess()
        .orElseThrow(() -> HttpFailure.conflict("exec " + session.id() + " is not running"))
        .resize(size.width(), size.height());
    exchange.empty(200);
  }

  private void inspect(Exchange exchange) throws IOException {
    ExecSession session = sessions.require(exchange.variable("id"));
    if (containers.byId(session.containerId()).isEmpty()) {
      throw ExecSessions.missing(session.id());
    }
    ExecSettings settings = session.settings();
    ObjectNode answer = Json.object();
    answer.put("ID", session.id());
    answer.put("Running", session.isRunning());
    session
        .exitCode()
        .ifPresentOrElse(code -> answer.put("ExitCode", code), () -> answer.putNull("ExitCode"));
    ObjectNode process = answer.putObject("ProcessConfig");
    process.put("tty", settings.terminal());
    process.put("entrypoint", settings.arguments().getFirst());
    List<String> rest = settings.arguments().subList(1, settings.arguments().size());
    rest.forEach(process.putArray("arguments")::add);
    process.put("privileged", settings.privileged());
    settings.user().ifPresent(user -> process.put("user", user));
    answer.put("OpenStdin", settings.stdinOpen());
    answer.put("OpenStderr", session.wantsStderr());
    answer.put("OpenStdout", session.wantsStdout());
    answer.put("CanRemove", false);
    answer.put("ContainerID", session.containerId());
    answer.put("DetachKeys", "");
    answer.put("Pid", session.process().map(ExecProcess::processId).orElse(0));
    exchange.json(200, answer);
  }
}
