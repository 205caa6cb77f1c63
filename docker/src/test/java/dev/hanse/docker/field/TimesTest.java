package dev.hanse.docker.field;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TimesTest {
  private static final DateTimeFormatter RFC3339_NANO =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendLiteral('Z')
          .toFormatter(Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  @Test
  void as_many_digits_as_needed() {
    assertThat(Times.text(Instant.EPOCH)).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(Times.text(Instant.parse("2026-01-02T03:04:05.060Z")))
        .isEqualTo("2026-01-02T03:04:05.06Z");
    assertThat(Times.text(Instant.parse("2026-12-31T23:59:50.000000001Z")))
        .isEqualTo("2026-12-31T23:59:50.000000001Z");
  }

  @Test
  void any_time_is_written_as_java_would() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      int trimmed = (int) Math.pow(10, random.nextInt(10));
      Instant time =
          Instant.ofEpochSecond(
              random.nextLong(-400_000_000_000L, 400_000_000_000L),
              (long) random.nextInt(1_000_000_000) / trimmed * trimmed);
      assertThat(Times.text(time)).isEqualTo(RFC3339_NANO.format(time));
    }
  }
}
