package dev.hanse.docker.swarm;

import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;

/** The version of an object that an update was made from. */
final class Versions {
  private Versions() {}

  /**
   * The {@code version} parameter.
   *
   * @throws HttpFailure 400 "invalid OBJECT version 'x': …"
   */
  static long of(Exchange exchange, String object) {
    String text = exchange.query().text("version");
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw HttpFailure.invalid(
          "invalid %s version '%s': strconv.ParseUint: parsing \"%s\": invalid syntax"
              .formatted(object, text, text));
    }
  }
}
