package dev.hanse.docker.json;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** Go's forms of time: RFC 3339 with as many digits as needed, durations in nanoseconds. */
public final class Times {
  private static final long SECOND_NS = 1_000_000_000L;

  private static final DateTimeFormatter RFC3339_NANO =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendLiteral('Z')
          .toFormatter(Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Times() {}

  /** A time as {@code time.Time} is written: 2026-01-02T03:04:05.06Z. */
  public static String text(Instant time) {
    return RFC3339_NANO.format(time);
  }

  /** A message's time; an absent one is the epoch, as in Docker. */
  public static String text(Timestamp time) {
    return text(instant(time));
  }

  /** A message's time. */
  public static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /** Nanoseconds of a duration; Go's limits (292 years) apply. */
  public static long nanoseconds(Duration duration) {
    return duration.getSeconds() * SECOND_NS + duration.getNanos();
  }

  /** The duration of so many nanoseconds. */
  public static Duration duration(long nanoseconds) {
    return Duration.newBuilder()
        .setSeconds(nanoseconds / SECOND_NS)
        .setNanos((int) (nanoseconds % SECOND_NS))
        .build();
  }
}
