package dev.hanse.runtime.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a registry wants to be logged in to: a WWW-Authenticate header, RFC 9110 section 11.6. */
sealed interface Challenge {
  /** User name and password with every request. */
  record Basic() implements Challenge {}

  /** A token from that server (distribution's token authentication specification). */
  record Bearer(String realm, Optional<String> service, Optional<String> scope)
      implements Challenge {}

  /** The first challenge that we can answer. */
  static Optional<Challenge> read(List<String> headers) {
    Optional<Challenge> basic = Optional.empty();
    for (String header : headers) {
      String lower = header.toLowerCase(Locale.ROOT);
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

  private static Map<String, String> parameters(String header) {
    Matcher matcher = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|([^\\s,\"]+))").matcher(header);
    var found = new LinkedHashMap<String, String>();
    while (matcher.find()) {
      String quoted = matcher.group(2);
      found.put(
          matcher.group(1).toLowerCase(Locale.ROOT), quoted != null ? quoted : matcher.group(3));
    }
    return found;
  }
}
