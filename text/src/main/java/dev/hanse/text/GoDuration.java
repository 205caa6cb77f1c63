package dev.hanse.text;

import java.time.Duration;
import java.util.Optional;

/** A duration as Go writes it, which is how all of Docker does: "1h30m", "1.5s", "300ms". */
public final class GoDuration {
  private static final int LENGTH_MAX = 64;
  private static final int DIGITS_MAX = 9;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private GoDuration() {}

  /** Reads hours, minutes, seconds and milliseconds without a sign; empty for anything else. */
  public static Optional<Duration> parse(String text) {
    if (text.isEmpty() || text.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    Duration sum = Duration.ZERO;
    for (int at = 0; at < text.length(); ) {
      int point = digitsFrom(text, at);
      int fraction = point < text.length() && text.charAt(point) == '.' ? point + 1 : point;
      int unit = fraction > point ? digitsFrom(text, fraction) : point;
      boolean counted = isCount(point - at) && (fraction == point || isCount(unit - fraction));
      String name = unit(text, unit);
      if (!counted || name.isEmpty()) {
        return Optional.empty();
      }
      long whole = Long.parseLong(text.substring(at, point));
      long nanos = fraction > point ? nanos(text.substring(fraction, unit)) : 0;
      sum = sum.plus(times(Duration.ofSeconds(whole, nanos), name));
      at = unit + name.length();
    }
    return Optional.of(sum);
  }

  private static boolean isCount(int digits) {
    return digits >= 1 && digits <= DIGITS_MAX;
  }

  private static int digitsFrom(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private static String unit(String text, int at) {
    if (text.startsWith("ms", at)) {
      return "ms";
    }
    return at < text.length() && "hms".indexOf(text.charAt(at)) >= 0
        ? text.substring(at, at + 1)
        : "";
  }

  private static long nanos(String fraction) {
    long nanos = Long.parseLong(fraction);
    for (int digits = fraction.length(); digits < DIGITS_MAX; digits++) {
      nanos *= 10;
    }
    return nanos % NANOS_PER_SECOND;
  }

  private static Duration times(Duration seconds, String unit) {
    return switch (unit) {
      case "h" -> seconds.multipliedBy(3600);
      case "m" -> seconds.multipliedBy(60);
      case "ms" -> seconds.dividedBy(1000);
      default -> seconds;
    };
  }
}
