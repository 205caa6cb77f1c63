package dev.hanse.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The real docker CLI, talking to a socket. */
public final class Cli {
  private final Path socket;
  private final Map<String, String> environment;

  /** Talks to the API on that unix socket. */
  public Cli(Path socket) {
    this(socket, Map.of());
  }

  private Cli(Path socket, Map<String, String> environment) {
    this.socket = socket;
    this.environment = environment;
  }

  /** The same with a variable of the environment. */
  public Cli with(String name, String value) {
    return new Cli(socket, Map.of(name, value));
  }

  /** What a run gave. */
  public record Result(int exit, String output, String errors) {
    /** Everything that it said. */
    public String all() {
      return output + errors;
    }
  }

  /** Warnings, but for those that older clients make up from what networks of Hanse do not use. */
  public static List<String> warnings(Result result) {
    return result
        .errors()
        .lines()
        .filter(line -> line.contains("WARNING") && !line.contains("bridge-nf-call"))
        .toList();
  }

  /** Runs docker and returns what it gave. */
  public Result run(String input, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("docker", "-H", "unix://" + socket));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("DOCKER_CONFIG", socket.resolveSibling("cli").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    StringBuilder errors = new StringBuilder();
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    errors.append(
                        new String(
                            process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
                  } catch (IOException e) {
                    errors.append(e);
                  }
                });
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    reader.join();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(command + " ends").isTrue();
    return new Result(process.exitValue(), output, errors.toString().strip());
  }

  /** Runs docker, which must succeed; returns what it printed. */
  public String ok(String... arguments) throws IOException, InterruptedException {
    Result result = run("", arguments);
    assertThat(result.exit()).as("docker %s: %s", List.of(arguments), result.all()).isZero();
    return result.output();
  }

  /**
   * Runs docker again as long as the object was changed, by the swarm's own work, between its
   * reading and its writing, as users and scripts do.
   */
  public String updates(String... arguments) throws IOException, InterruptedException {
    Result result = run("", arguments);
    for (int tries = 1; tries < 20 && result.errors().contains("update out of sequence"); tries++) {
      result = run("", arguments);
    }
    assertThat(result.exit()).as("docker %s: %s", List.of(arguments), result.all()).isZero();
    return result.output();
  }

  /** Runs docker, which must fail; returns its error. */
  public String fails(String... arguments) throws IOException, InterruptedException {
    Result result = run("", arguments);
    assertThat(result.exit()).as("docker %s: %s", List.of(arguments), result.all()).isNotZero();
    return result.errors();
  }
}
