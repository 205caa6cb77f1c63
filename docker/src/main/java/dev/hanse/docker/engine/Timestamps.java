package dev.hanse.docker.engine;

import dev.hanse.docker.http.HttpFailure;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Times in the parameters of requests: seconds since 1970 with a fraction, or RFC 3339. */
final class Timestamps {
  private Timestamps() {}

  /**
   * Reads a time.
   *
   * @throws HttpFailure 400 if it is neither form
   */
  static Instant parse(String text) {
    try {
      int point = text.indexOf('.');
      if (text.matches("\\d{1,12}(\\.\\d{1,9})?")) {
        long seconds = Long.parseLong(point < 0 ? text : text.substring(0, point));
        String fraction = point < 0 ? "0" : text.substring(point + 1);
        long nanos = Long.parseLong((fraction + "000000000").substring(0, 9));
        return Instant.ofEpochSecond(seconds, nanos);
      }
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException malformed) {
      throw HttpFailure.invalid("invalid timestamp: " + text);
    }
  }
}
