package dev.hanse.runtime.content;

import dev.hanse.bounds.ForeignMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The defaults that an image gives its containers. Source: the OCI image specification, config.
 *
 * @param entrypoint program and fixed arguments, empty if none
 * @param command default arguments, empty if none
 * @param environment {@code NAME=value} lines
 * @param user {@code user[:group]} by name or number, empty if root
 * @param workingDirectory absolute path, empty if the root
 * @param exposedPorts {@code 80/tcp}
 * @param volumes paths that get an anonymous volume
 * @param labels the image's labels
 * @param stopSignal name or number, if the image names one
 * @param healthcheck how to probe the container, if the image says
 * @param shell shell of the shell form, empty if the default
 * @param onBuild instructions for who builds upon the image
 */
public record ImageConfig(
    List<String> entrypoint,
    List<String> command,
    List<String> environment,
    String user,
    String workingDirectory,
    List<String> exposedPorts,
    List<String> volumes,
    Map<String, String> labels,
    Optional<String> stopSignal,
    Optional<Healthcheck> healthcheck,
    List<String> shell,
    List<String> onBuild) {

  /** An image configuration that says nothing. */
  public static final ImageConfig EMPTY =
      new ImageConfig(
          List.of(),
          List.of(),
          List.of(),
          "",
          "",
          List.of(),
          List.of(),
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of());

  public ImageConfig {
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    environment = List.copyOf(environment);
    exposedPorts = List.copyOf(exposedPorts);
    volumes = List.copyOf(volumes);
    labels = ForeignMap.copyOf(labels);
    shell = List.copyOf(shell);
    onBuild = List.copyOf(onBuild);
  }

  /** What it takes of the heap, bytes. */
  public long heapBytes() {
    return Stream.of(
                entrypoint,
                command,
                environment,
                List.of(user, workingDirectory),
                exposedPorts,
                volumes,
                healthcheck.map(Healthcheck::test).orElse(List.of()),
                shell,
                onBuild)
            .mapToLong(HeapBytes::of)
            .sum()
        + HeapBytes.of(labels);
  }

  /**
   * The image's health probe. Durations are nanoseconds, 0 means Docker's default.
   *
   * @param test {@code ["CMD", …]}, {@code ["CMD-SHELL", "…"]} or {@code ["NONE"]}
   */
  public record Healthcheck(
      List<String> test,
      long intervalNanos,
      long timeoutNanos,
      long startPeriodNanos,
      long startIntervalNanos,
      int retries) {
    public Healthcheck {
      test = List.copyOf(test);
    }
  }
}
