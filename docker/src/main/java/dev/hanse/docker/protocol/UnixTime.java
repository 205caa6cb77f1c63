package dev.hanse.docker.protocol;

import com.google.protobuf.Timestamp;
import dev.hanse.web.HttpFailure;
import java.util.Optional;

/** Docker's times in queries: seconds since the epoch, with up to nine decimals. */
public final class UnixTime {
  /** Of the year 9999, as in RFC 3339. */
  private static final long SECONDS_MAX = 253_402_300_799L;

  private UnixTime() {}

  /**
   * Reads a time; "" and "0" are none.
   *
   * @param name the parameter's, for the error
   * @throws HttpFailure 400 if it is something else
   */
  public static Optional<Timestamp> parse(String name, String text) {
    if (text.isEmpty() || text.equals("0")) {
      return Optional.empty();
    }
    String[] parts = text.split("\\.", 2);
    try {
      long seconds = Long.parseLong(parts[0]);
      int nanoseconds = 0;
      if (parts.length == 2 && !parts[1].isEmpty()) {
        String digits = parts[1].length() > 9 ? parts[1].substring(0, 9) : parts[1];
        nanoseconds = Integer.parseUnsignedInt(digits + "0".repeat(9 - digits.length()));
      }
      if (Math.abs(seconds) > SECONDS_MAX) {
        throw HttpFailure.invalid(
            "invalid value for '%s': \"%s\" is out of range".formatted(name, text));
      }
      return Optional.of(Timestamp.newBuilder().setSeconds(seconds).setNanos(nanoseconds).build());
    } catch (NumberFormatException e) {
      throw HttpFailure.invalid(
          "invalid value for '%s': strconv.ParseInt: parsing \"%s\": invalid syntax"
              .formatted(name, text));
    }
  }
}
