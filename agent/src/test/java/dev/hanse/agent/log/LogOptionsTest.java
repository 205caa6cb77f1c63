package dev.hanse.agent.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogOptionsTest {
  @Test
  void sizesAndCountsAreRead() {
    assertThat(LogOptions.of("json-file", Map.of("max-size", "10m", "max-file", "3")))
        .isEqualTo(new LogOptions(true, 10 << 20, 3));
    assertThat(LogOptions.of("", Map.of("max-size", "5k")).fileBytesMax()).isEqualTo(5 << 10);
    assertThat(LogOptions.of("local", Map.of("compress", "true"))).isEqualTo(LogOptions.STANDARD);
    assertThat(LogOptions.of("none", Map.of())).isEqualTo(LogOptions.NONE);
  }

  @Test
  void unknownDriversAndOptionsAreRefused() {
    assertThatThrownBy(() -> LogOptions.of("gelf", Map.of()))
        .hasMessage("logger: no log driver named 'gelf' is registered");
    assertThatThrownBy(() -> LogOptions.of("json-file", Map.of("maxsize", "1")))
        .hasMessage("unknown log opt 'maxsize' for json-file log driver");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "0", "10q", "99999999999999"})
  void impossibleSizesAreRefused(String size) {
    assertThatThrownBy(() -> LogOptions.of("json-file", Map.of("max-size", size)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
