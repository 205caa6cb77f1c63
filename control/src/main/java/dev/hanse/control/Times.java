package dev.hanse.control;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;

/** Reckoning with the model's times: {@code java.time} values, no clock. */
public final class Times {
  private Times() {}

  /** Protobuf's bounds, the years 1 and 9999: far enough from those of {@code java.time}. */
  private static final long SECONDS_MIN = -62_135_596_800L;

  private static final long SECONDS_MAX = 253_402_300_799L;

  /** The instant of a timestamp; one beyond protobuf's bounds is taken for the bound. */
  public static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(
        Math.clamp(timestamp.getSeconds(), SECONDS_MIN, SECONDS_MAX), timestamp.getNanos());
  }

  /** The timestamp of an instant. */
  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  /** The duration of the model's duration; one of more than 8,000 years is taken for that. */
  public static Duration duration(com.google.protobuf.Duration duration) {
    return Duration.ofSeconds(
        Math.clamp(duration.getSeconds(), -SECONDS_MAX, SECONDS_MAX), duration.getNanos());
  }

  /** The model's form of a duration. */
  public static com.google.protobuf.Duration duration(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
