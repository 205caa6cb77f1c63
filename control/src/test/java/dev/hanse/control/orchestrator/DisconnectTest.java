package dev.hanse.control.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DisconnectTest {
  @ParameterizedTest
  @CsvSource({
    "keep:60s, PT1M",
    "keep:1s, PT1S",
    "keep:1000ms, PT1S",
    "keep:1m30s, PT1M30S",
    "keep:1.5h, PT1H30M",
    "keep:2h5m1s250ms, PT2H5M1.25S",
    "keep:720h, PT720H",
  })
  void keeps_for_a_duration_as_go_writes_it(String value, Duration keep) {
    assertThat(Disconnect.parse(value)).contains(new Disconnect(keep));
  }

  @Test
  void replaces_at_once() {
    assertThat(Disconnect.parse("replace")).contains(new Disconnect(Duration.ZERO));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "keep",
        "keep:",
        "keep:0s",
        "keep:999ms",
        "keep:60",
        "keep:-5s",
        "keep:.5s",
        "keep:5.s",
        "keep:1h 5m",
        "keep:5d",
        "KEEP:60s",
        "replace:60s",
        "keep:720h1s",
        "keep:1.5.5h",
        "keep:99999999999999s",
        "keep:1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s"
      })
  void anything_else_means_nothing(String value) {
    assertThat(Disconnect.parse(value)).isEmpty();
  }
}
