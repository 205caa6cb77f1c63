package dev.hanse.docker.field;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Go's forms of time: RFC 3339 with as many digits as needed, durations in nanoseconds. */
public final class Times {
  private static final long SECOND_NS = 1_000_000_000L;

  /** What a time is written over; zeros at the fraction's end are left out. */
  private static final byte[] FORM =
      "0000-00-00T00:00:00.000000000Z".getBytes(StandardCharsets.ISO_8859_1);

  private Times() {}

  /** A time as {@code time.Time} is written: 2026-01-02T03:04:05.06Z. */
  public static String text(Instant time) {
    LocalDateTime utc =
        LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
    byte[] text = FORM.clone();
    digits(text, 0, 4, utc.getYear());
    digits(text, 5, 2, utc.getMonthValue());
    digits(text, 8, 2, utc.getDayOfMonth());
    digits(text, 11, 2, utc.getHour());
    digits(text, 14, 2, utc.getMinute());
    digits(text, 17, 2, utc.getSecond());
    digits(text, 20, 9, utc.getNano());
    int end = FORM.length - 1;
    while (text[end - 1] == '0') {
      end--;
    }
    if (text[end - 1] == '.') {
      end--;
    }
    text[end] = 'Z';
    String form = new String(text, 0, end + 1, StandardCharsets.ISO_8859_1);
    boolean fits = utc.getYear() >= 0 && utc.getYear() <= 9999;
    return fits ? form : utc.toLocalDate() + form.substring(form.indexOf('T'));
  }

  private static void digits(byte[] text, int from, int count, int number) {
    int rest = number;
    for (int place = from + count - 1; place >= from; place--) {
      text[place] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
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
