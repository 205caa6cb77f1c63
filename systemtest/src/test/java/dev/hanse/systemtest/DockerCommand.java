package dev.hanse.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hanse.lab.Lab;
import dev.hanse.lab.LabException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The docker command line, run on one host of a lab. */
final class DockerCommand {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Lab lab;
  private final String host;

  DockerCommand(Lab lab, String host) {
    this.lab = lab;
    this.host = host;
  }

  /**
   * What a command left behind.
   *
   * @param status its exit status
   * @param out its standard output
   * @param err its standard error
   */
  record Result(int status, String out, String err) {
    /** The lines of the standard output. */
    List<String> lines() {
      return out.lines().toList();
    }
  }

  /** Runs {@code docker ARGUMENTS} and returns what came of it, be it good or bad. */
  Result attempt(String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  /**
   * Runs {@code docker ARGUMENTS}, which must succeed, and returns its standard output without the
   * last newline.
   */
  String run(String... arguments) {
    Result result = attempt(arguments);
    assertThat(result.status())
        .as("docker %s%n%s%n%s", String.join(" ", arguments), result.out(), result.err())
        .isZero();
    return result.out().strip();
  }

  /**
   * Creates a service and waits until it runs. Docker's command line then goes on watching it for
   * the monitoring time of updates, five seconds by default: made short here.
   */
  String create(String... arguments) {
    List<String> all = new ArrayList<>(List.of("service", "create", "--update-monitor", "50ms"));
    all.addAll(List.of(arguments));
    return run(all.toArray(String[]::new));
  }

  /** Runs {@code docker ARGUMENTS}, which must fail, and returns its standard error. */
  String refused(String... arguments) {
    Result result = attempt(arguments);
    assertThat(result.status())
        .as("docker %s%n%s", String.join(" ", arguments), result.out())
        .isNotZero();
    return result.err().strip();
  }

  /** Runs {@code docker ARGUMENTS} that print JSON. */
  JsonNode json(String... arguments) {
    try {
      return JSON.readTree(run(arguments));
    } catch (IOException failure) {
      throw new LabException("no JSON from docker " + String.join(" ", arguments), failure);
    }
  }

  /** Runs any command on the host: in its network, with DOCKER_HOST set. */
  Result run(List<String> command) {
    try {
      return collect(start(command));
    } catch (IOException failure) {
      throw new LabException("cannot run " + command, failure);
    }
  }

  /** Starts {@code docker ARGUMENTS} and returns while it runs. */
  Process start(String... arguments) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    try {
      return start(command);
    } catch (IOException failure) {
      throw new LabException("cannot run " + command, failure);
    }
  }

  private Process start(List<String> command) throws IOException {
    ProcessBuilder builder = lab.command(host, command);
    // A command line of its own: no credentials or contexts of who runs the tests.
    Path configuration = Files.createDirectories(Path.of("target", "docker-config"));
    builder.environment().put("DOCKER_CONFIG", configuration.toAbsolutePath().toString());
    return builder.start();
  }

  private static Result collect(Process process) throws IOException {
    process.getOutputStream().close();
    CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process, true));
    CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> text(process, false));
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LabException(
            "not ended within " + LIMIT.toSeconds() + " s, so far: " + out.join() + err.join());
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", interrupted);
    }
    return new Result(process.exitValue(), out.join(), err.join());
  }

  private static String text(Process process, boolean error) {
    try {
      var stream = error ? process.getErrorStream() : process.getInputStream();
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException closed) {
      return "";
    }
  }
}
