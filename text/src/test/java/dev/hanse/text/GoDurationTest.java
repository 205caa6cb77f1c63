package dev.hanse.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GoDurationTest {
  @Test
  void units_and_fractions_add_up() {
    assertThat(GoDuration.parse("1h30m")).contains(Duration.ofMinutes(90));
    assertThat(GoDuration.parse("1.5s300ms")).contains(Duration.ofMillis(1800));
    assertThat(GoDuration.parse("0.25h")).contains(Duration.ofMinutes(15));
    assertThat(GoDuration.parse("999999999h")).contains(Duration.ofHours(999_999_999));
  }

  @Test
  void anything_else_is_none() {
    for (String text :
        new String[] {
          "",
          "1",
          "h",
          ".5s",
          "1.s",
          "-1s",
          "1s ",
          "1d",
          "1e3s",
          "1234567890s",
          "1.1234567890s",
          "1s".repeat(33)
        }) {
      assertThat(GoDuration.parse(text)).as(text).isEmpty();
    }
  }
}
