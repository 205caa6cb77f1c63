package dev.hanse.agent.task;

import dev.hanse.model.HealthConfig;
import dev.hanse.runtime.content.ImageConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a container is probed.
 *
 * @param command executed in the container; exit code 0 means healthy
 * @param interval from the end of one probe to the begin of the next, and before the first
 * @param timeout longest time of one probe
 * @param startPeriod after the start, in which failures do not count
 * @param startInterval the interval during the start period until the first success
 * @param retries failures in a row that make a container unhealthy
 */
public record HealthCheck(
    List<String> command,
    Duration interval,
    Duration timeout,
    Duration startPeriod,
    Duration startInterval,
    int retries) {
  // Docker's defaults.
  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration START_INTERVAL = Duration.ofSeconds(5);
  private static final int RETRIES = 3;
  private static final List<String> SHELL = List.of("/bin/sh", "-c");

  /** Copies the list. */
  public HealthCheck {
    command = List.copyOf(command);
  }

  /**
   * The check of a container: what the service says, and the image for what it does not.
   *
   * @param shell of the image, for the shell form; empty for /bin/sh
   * @return empty when there is none, or one says NONE
   */
  public static Optional<HealthCheck> of(
      Optional<HealthConfig> service, Optional<ImageConfig.Healthcheck> image, List<String> shell) {
    List<String> test =
        service
            .map(config -> List.copyOf(config.getTestList()))
            .filter(words -> !words.isEmpty())
            .or(() -> image.map(ImageConfig.Healthcheck::test))
            .orElse(List.of());
    Optional<List<String>> command = command(test, shell.isEmpty() ? SHELL : shell);
    HealthConfig asked = service.orElse(HealthConfig.getDefaultInstance());
    return command.map(
        words ->
            new HealthCheck(
                words,
                first(
                    nanos(asked.getInterval()),
                    image.map(ImageConfig.Healthcheck::intervalNanos),
                    INTERVAL),
                first(
                    nanos(asked.getTimeout()),
                    image.map(ImageConfig.Healthcheck::timeoutNanos),
                    TIMEOUT),
                first(
                    nanos(asked.getStartPeriod()),
                    image.map(ImageConfig.Healthcheck::startPeriodNanos),
                    Duration.ZERO),
                first(
                    nanos(asked.getStartInterval()),
                    image.map(ImageConfig.Healthcheck::startIntervalNanos),
                    START_INTERVAL),
                retries(asked.getRetries(), image)));
  }

  private static Optional<List<String>> command(List<String> test, List<String> shell) {
    if (test.size() < 2) {
      return Optional.empty();
    }
    List<String> words = test.subList(1, test.size());
    return switch (test.getFirst()) {
      case "CMD" -> Optional.of(words);
      case "CMD-SHELL" -> {
        List<String> command = new ArrayList<>(shell);
        command.addAll(words);
        yield Optional.of(command);
      }
      default -> Optional.empty();
    };
  }

  private static long nanos(com.google.protobuf.Duration duration) {
    return Duration.ofSeconds(duration.getSeconds(), duration.getNanos()).toNanos();
  }

  private static Duration first(long asked, Optional<Long> image, Duration otherwise) {
    if (asked > 0) {
      return Duration.ofNanos(asked);
    }
    return image.filter(nanos -> nanos > 0).map(Duration::ofNanos).orElse(otherwise);
  }

  private static int retries(int asked, Optional<ImageConfig.Healthcheck> image) {
    if (asked > 0) {
      return asked;
    }
    return image.map(ImageConfig.Healthcheck::retries).filter(count -> count > 0).orElse(RETRIES);
  }
}
