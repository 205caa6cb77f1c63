package dev.hanse.docker.engine;

import dev.hanse.docker.http.HttpFailure;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times in the parameters of requests: seconds since 1970 with a fraction, RFC 3339, the same
 * without zone or time of day (in the daemon's zone), or a duration before now, {@code 1h30m}.
 */
final class Timestamps {
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,12})(?:\\.(\\d{1,9})\\d*)?");
  private static final Pattern DURATION =
      Pattern.compile("(?:\\d{1,9}(?:\\.\\d{1,9})?(?:h|m|s|ms))+");
  private static final Pattern DURATION_PART = Pattern.compile("([\\d.]+)(ms|h|m|s)");

  private Timestamps() {}

  /**
   * Reads a time.
   *
   * @throws HttpFailure 400 if it is of none of the forms
   */
  static Instant parse(String text) {
    Matcher seconds = SECONDS.matcher(text);
    try {
      if (seconds.matches()) {
        String fraction = seconds.group(2) == null ? "" : seconds.group(2);
        return Instant.ofEpochSecond(
            Long.parseLong(seconds.group(1)),
            Long.parseLong((fraction + "000000000").substring(0, 9)));
      }
      if (DURATION.matcher(text).matches()) {
        return Instant.now().minus(duration(text));
      }
      return date(text);
    } catch (DateTimeException | ArithmeticException malformed) {
      throw HttpFailure.invalid("invalid timestamp: " + text);
    }
  }

  private static Duration duration(String text) {
    Duration sum = Duration.ZERO;
    Matcher part = DURATION_PART.matcher(text);
    while (part.find()) {
      long unitNanos =
          switch (part.group(2)) {
            case "h" -> Duration.ofHours(1).toNanos();
            case "m" -> Duration.ofMinutes(1).toNanos();
            case "s" -> Duration.ofSeconds(1).toNanos();
            default -> Duration.ofMillis(1).toNanos();
          };
      BigDecimal nanos = new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unitNanos));
      sum = sum.plusNanos(nanos.longValue());
    }
    return sum;
  }

  private static Instant date(String text) {
    if (text.matches(".*T.*(Z|[+-]\\d\\d:\\d\\d)")) {
      return OffsetDateTime.parse(text).toInstant();
    }
    return text.contains("T")
        ? LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant()
        : LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant();
  }
}
