package dev.hanse.lab;

import dev.hanse.kernel.file.OwnFiles;
import dev.hanse.lab.client.DockerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts and stops the daemon process of one host. */
final class Daemon {
  /**
   * In the environment of every process that descends from a lab's daemon: the directory of its
   * host.
   */
  static final String MARK = "HANSE_LAB_HOST";

  static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final int LOG_LINES_SHOWN = 15;
  private static final String HEAP = "512m";

  private Daemon() {}

  /**
   * Starts the daemon in the host's namespace, in a session of its own so that a Ctrl-C at the
   * lab's terminal does not reach it, and returns at once.
   */
  static ProcessIdentity start(
      Engine engine, HostState host, List<String> options, Map<String, String> environment)
      throws IOException {
    OwnFiles.directory(host.execRoot(), OwnFiles.PASSAGE);
    OwnFiles.directory(host.dataRoot(), OwnFiles.PASSAGE);
    List<String> command = new ArrayList<>();
    command.addAll(List.of("setsid", "nsenter", "--net=" + host.namespace(), "--"));
    command.addAll(engine.command(host));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put(MARK, host.execRoot().toString());
    // Many daemons share the machine, and a lab behaves the same on every one.
    builder.environment().put("HANSE_HEAP", HEAP);
    builder.environment().putAll(environment);
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectOutput(OwnFiles.appending(host.log()));
    builder.redirectErrorStream(true);
    // setsid, nsenter and the launcher's shell replace themselves: the number stays the daemon's.
    Process process = builder.start();
    return ProcessIdentity.of(process.pid()).orElseThrow(() -> new LabException(ended(host)));
  }

  /** Waits until the API answers; fails at once when the process ends before. */
  static void awaitApi(HostState host, ProcessIdentity process, Duration limit) {
    DockerClient client = new DockerClient(host.socket());
    Await.until(
        limit,
        "the API of " + host.name() + " answers at " + host.socket(),
        () -> {
          if (!process.alive()) {
            throw new LabException(ended(host));
          }
          return client.answers();
        });
  }

  /** Stops with SIGTERM and waits for the end. */
  static void stop(HostState host, ProcessIdentity process, Duration limit) {
    process.terminate();
    Await.until(limit, "the daemon of " + host.name() + " ends", () -> !process.alive());
  }

  /** Kills with SIGKILL and waits for the end. */
  static void kill(HostState host, ProcessIdentity process) {
    process.kill();
    Await.until(STOP_LIMIT, "the daemon of " + host.name() + " is gone", () -> !process.alive());
  }

  private static String ended(HostState host) {
    return "the daemon of "
        + host.name()
        + " ended during its start; the end of "
        + host.log()
        + ":\n"
        + lastLines(host.log());
  }

  private static String lastLines(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      int from = Math.max(0, lines.size() - LOG_LINES_SHOWN);
      return "  " + String.join("\n  ", lines.subList(from, lines.size()));
    } catch (IOException unreadable) {
      return "  (not readable: " + unreadable.getMessage() + ")";
    }
  }
}
