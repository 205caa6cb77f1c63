package dev.hanse.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.model.HealthConfig;
import dev.hanse.runtime.content.ImageConfig.Healthcheck;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthRecordTest {
  private static final Instant STARTED = Instant.ofEpochSecond(1000);
  private static final HealthCheck CHECK =
      new HealthCheck(
          List.of("true"),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          3);

  private static HealthRecord.Probe probe(int secondsAfterStart, int code) {
    Instant at = STARTED.plusSeconds(secondsAfterStart);
    return new HealthRecord.Probe(at, at.plusSeconds(1), code, "");
  }

  private static HealthRecord after(int... secondsAndCodes) {
    HealthRecord record = HealthRecord.INITIAL;
    for (int index = 0; index < secondsAndCodes.length; index += 2) {
      record =
          record.after(probe(secondsAndCodes[index], secondsAndCodes[index + 1]), CHECK, STARTED);
    }
    return record;
  }

  @Test
  void failuresInTheStartPeriodDoNotCount() {
    assertThat(after(1, 1, 2, 1, 3, 1, 4, 1).health()).isEqualTo(HealthStatus.STARTING);
    assertThat(after(1, 1, 11, 1, 12, 1, 13, 1).health()).isEqualTo(HealthStatus.UNHEALTHY);
  }

  @Test
  void afterTheFirstSuccessTheStartPeriodIsOver() {
    assertThat(after(1, 0).health()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(after(1, 0, 2, 1, 3, 1, 4, 1).health()).isEqualTo(HealthStatus.UNHEALTHY);
  }

  @Test
  void onlyFailuresInARowCount() {
    HealthRecord record = after(20, 1, 21, 1, 22, 0, 23, 1, 24, 1);
    assertThat(record.health()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(record.failingStreak()).isEqualTo(2);
  }

  @Test
  void theLastFiveProbesAreKept() {
    assertThat(after(1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0).probes()).hasSize(5);
  }

  @Test
  void probesAreCloserDuringTheStartPeriodUntilTheFirstSuccess() {
    assertThat(HealthRecord.INITIAL.pause(CHECK, STARTED, STARTED.plusSeconds(3)))
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(after(1, 0).pause(CHECK, STARTED, STARTED.plusSeconds(3)))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(HealthRecord.INITIAL.pause(CHECK, STARTED, STARTED.plusSeconds(11)))
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void theServiceOverridesTheImageFieldByField() {
    Healthcheck image = new Healthcheck(List.of("CMD-SHELL", "curl x"), 7_000_000_000L, 0, 0, 0, 9);
    HealthCheck check =
        HealthCheck.of(
                Optional.of(HealthConfig.newBuilder().setRetries(2).build()),
                Optional.of(image),
                List.of())
            .orElseThrow();

    assertThat(check.command()).containsExactly("/bin/sh", "-c", "curl x");
    assertThat(check.interval()).isEqualTo(Duration.ofSeconds(7));
    assertThat(check.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(check.retries()).isEqualTo(2);
  }

  @Test
  void noneSwitchesTheImagesCheckOff() {
    Healthcheck image = new Healthcheck(List.of("CMD", "true"), 0, 0, 0, 0, 0);
    HealthConfig none = HealthConfig.newBuilder().addTest("NONE").build();

    assertThat(HealthCheck.of(Optional.of(none), Optional.of(image), List.of())).isEmpty();
    assertThat(HealthCheck.of(Optional.empty(), Optional.of(image), List.of())).isPresent();
    assertThat(HealthCheck.of(Optional.empty(), Optional.empty(), List.of())).isEmpty();
  }
}
