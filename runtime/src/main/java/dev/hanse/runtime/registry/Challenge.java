package dev.hanse.runtime.registry;

import dev.hanse.text.Letters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a registry wants to be logged in to: a WWW-Authenticate header, RFC 9110 section 11.6. */
sealed interface Challenge {
  /** Characters of a header that is looked at. */
  int LENGTH_MAX = 8_192;

  /** User name and password with every request. */
  record Basic() implements Challenge {}

  /** A token from that server (distribution's token authentication specification). */
  record Bearer(String realm, Optional<String> service, Optional<String> scope)
      implements Challenge {}

  /** The first challenge that we can answer. */
  static Optional<Challenge> read(List<String> headers) {
    Optional<Challenge> basic = Optional.empty();
    for (String header : headers) {
      if (header.length() > LENGTH_MAX) {
        continue;
      }
      String lower = Letters.small(header);
      if (lower.startsWith("bearer")) {
        Map<String, String> given = parameters(header);
        String realm = given.get("realm");
        if (realm != null) {
          return Optional.of(
              new Bearer(
                  realm,
                  Optional.ofNullable(given.get("service")),
                  Optional.ofNullable(given.get("scope"))));
        }
      } else if (lower.startsWith("basic")) {
        basic = Optional.of(new Basic());
      }
    }
    return basic;
  }

  /** {@code NAME=VALUE} or {@code NAME="VALUE"}; what stands between them is passed over. */
  private static Map<String, String> parameters(String header) {
    var found = new LinkedHashMap<String, String>();
    int from = 0;
    int equals = header.indexOf('=');
    while (equals >= 0) {
      int start = equals;
      while (start > from && isOfName(header.charAt(start - 1))) {
        start--;
      }
      String name = Letters.small(header.substring(start, equals));
      boolean quoted = header.startsWith("\"", equals + 1);
      int first = quoted ? equals + 2 : equals + 1;
      int end = quoted ? header.indexOf('"', first) : endOfValue(header, first);
      if (end < 0) {
        return found;
      }
      if (!name.isEmpty() && (quoted || end > first)) {
        found.put(name, header.substring(first, end));
      }
      from = end;
      equals = header.indexOf('=', end);
    }
    return found;
  }

  private static boolean isOfName(char one) {
    return one < 128 && (Character.isLetterOrDigit(one) || one == '_');
  }

  private static int endOfValue(String header, int first) {
    int end = first;
    while (end < header.length() && ", \t\"".indexOf(header.charAt(end)) < 0) {
      end++;
    }
    return end;
  }
}
