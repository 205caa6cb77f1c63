package dev.hanse.docker.protocol;

import dev.hanse.text.Form;
import dev.hanse.text.GoDuration;
import dev.hanse.web.HttpFailure;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Optional;

/**
 * Times in the parameters of requests: seconds since 1970 with a fraction, RFC 3339, the same
 * without zone or time of day (in the daemon's zone), or a duration before now, {@code 1h30m}.
 */
public final class Timestamps {
  private static final int LENGTH_MAX = 64;
  private static final Form SECONDS =
      Form.of("([0-9]{1,12})(?:\\.([0-9]{1,9})[0-9]*)?", LENGTH_MAX);

  private Timestamps() {}

  /**
   * Reads a time.
   *
   * @throws HttpFailure 400 if it is of none of the forms
   */
  public static Instant parse(String text) {
    try {
      Optional<Form.Parts> seconds = SECONDS.read(text);
      if (seconds.isPresent()) {
        String fraction = seconds.get().optional(2).orElse("");
        return Instant.ofEpochSecond(
            Long.parseLong(seconds.get().part(1)),
            Long.parseLong((fraction + "000000000").substring(0, 9)));
      }
      Optional<Duration> before = GoDuration.parse(text);
      if (before.isPresent()) {
        return Instant.now().minus(before.get());
      }
      if (text.length() > LENGTH_MAX) {
        throw new DateTimeException("too long");
      }
      return date(text);
    } catch (DateTimeException | ArithmeticException malformed) {
      throw HttpFailure.invalid("invalid timestamp: " + text);
    }
  }

  private static Instant date(String text) {
    int sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
    if (text.endsWith("Z") || (text.contains("T") && sign > text.indexOf('T'))) {
      return OffsetDateTime.parse(text).toInstant();
    }
    return text.contains("T")
        ? LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant()
        : LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant();
  }
}
