package dev.hanse.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.http.Duplex;
import dev.hanse.docker.http.Exchange;
import dev.hanse.docker.http.HttpFailure;
import dev.hanse.docker.http.Json;
import dev.hanse.docker.http.Router;
import dev.hanse.runtime.containers.Containers;
import dev.hanse.runtime.containers.ExecProcess;
import dev.hanse.runtime.containers.ExecSettings;
import dev.hanse.runtime.containers.OutputListener;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** {@code /exec} (<a href="https://docs.docker.com/reference/api/engine/#tag/Exec">API</a>). */
final class ExecRoutes {
  private static final int ID_BYTES = 32;

  private final Containers runtime;
  private final NodeContainers containers;
  private final ExecSessions sessions = new ExecSessions();
  private final SecureRandom random = new SecureRandom();

  ExecRoutes(Containers runtime, NodeContainers containers) {
    this.runtime = runtime;
    this.containers = containers;
  }

  void addTo(Router router) {
    router
        .post("/containers/{id}/exec", this::create)
        .post("/exec/{id}/start", this::start)
        .post("/exec/{id}/resize", this::resize)
        .get("/exec/{id}/json", this::inspect);
  }

  private void create(Exchange exchange) throws IOException {
    JsonNode body = exchange.json();
    NodeContainer container = containers.requireRunning(exchange.variable("id"));
    List<String> command = texts(body.path("Cmd"));
    if (command.isEmpty()) {
      throw HttpFailure.invalid("No exec command specified");
    }
    ExecSettings settings =
        new ExecSettings(
            command,
            texts(body.path("Env")),
            text(body, "User"),
            text(body, "WorkingDir"),
            body.path("Tty").asBoolean(false),
            body.path("AttachStdin").asBoolean(false),
            body.path("Privileged").asBoolean(false));
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    ExecSession session =
        new ExecSession(
            HexFormat.of().formatHex(id),
            container.id(),
            settings,
            body.path("AttachStdout").asBoolean(false),
            body.path("AttachStderr").asBoolean(false));
    sessions.add(session);
    exchange.json(201, Json.object().put("Id", session.id()));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static Optional<String> text(JsonNode body, String key) {
    return Optional.of(body.path(key).asText("")).filter(text -> !text.isEmpty());
  }

  private void start(Exchange exchange) throws IOException {
    JsonNode body = exchange.json();
    ExecSession session = sessions.require(exchange.variable("id"));
    containers.requireRunning(session.containerId());
    session.claim();
    if (body.path("Detach").asBoolean(false)) {
      run(session, OutputListener.NONE);
      exchange.empty(200);
      return;
    }
    boolean framed = !session.settings().terminal();
    JsonNode size = body.path("ConsoleSize");
    OutputQueue output = new OutputQueue(framed);
    // Started before the answer, so that a command that cannot run gets a status code of its own.
    ExecProcess process = run(session, session.filtered(output));
    output.holdsUp(
        new OutputQueue.Source() {
          @Override
          public void pause() {
            process.pauseOutput();
          }

          @Override
          public void resume() {
            process.resumeOutput();
          }
        });
    if (size.size() == 2) {
      process.resize(size.get(1).asInt(), size.get(0).asInt());
    }
    exchange.hijack(
        StreamRoutes.contentType(framed, exchange), duplex -> serve(process, output, duplex));
  }

  private ExecProcess run(ExecSession session, OutputListener output) {
    try {
      ExecProcess process = runtime.exec(session.containerId(), session.settings(), output);
      session.started(process);
      return process;
    } catch (RuntimeException fault) {
      session.failed();
      throw fault;
    }
  }

  private static void serve(ExecProcess process, OutputQueue output, Duplex duplex)
      throws IOException, InterruptedException {
    process.input().ifPresent(input -> InputPump.start(duplex.input(), input, true));
    var unused = process.exit().whenComplete((status, fault) -> output.ended());
    output.copyTo(duplex.output());
    try {
      process.exit().get();
    } catch (ExecutionException fault) {
      throw new IOException("exec " + process.id(), fault.getCause());
    }
  }

  private void resize(Exchange exchange) throws IOException {
    ExecSession session = sessions.require(exchange.variable("id"));
    TerminalSize size = TerminalSize.of(exchange.query());
    session
        .process()
        .orElseThrow(() -> HttpFailure.conflict("exec " + session.id() + " is not running"))
        .resize(size.width(), size.height());
    exchange.empty(200);
  }

  private void inspect(Exchange exchange) throws IOException {
    ExecSession session = sessions.require(exchange.variable("id"));
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
