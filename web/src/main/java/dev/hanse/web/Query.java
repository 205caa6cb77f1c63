package dev.hanse.web;

import dev.hanse.text.Letters;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The parameters behind the question mark. */
public final class Query {
  private static final int PARAMETERS_MAX = 1000;

  private final Map<String, List<String>> values;

  private Query(Map<String, List<String>> values) {
    this.values = values;
  }

  /**
   * Parses the raw query of a URI.
   *
   * @throws HttpFailure 400 for bad percent encoding or too many parameters
   */
  public static Query parse(@Nullable String raw) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    if (raw == null || raw.isEmpty()) {
      return new Query(values);
    }
    String[] pairs = raw.split("&", PARAMETERS_MAX + 1);
    if (pairs.length > PARAMETERS_MAX) {
      throw HttpFailure.invalid("too many query parameters");
    }
    for (String pair : pairs) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }
    return new Query(values);
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw HttpFailure.invalid("invalid URL escape \"" + text + "\"");
    }
  }

  /** The first value, or "" if absent. */
  public String text(String name) {
    List<String> all = values.get(name);
    return all == null ? "" : all.getFirst();
  }

  /** The first value if the parameter is there and not empty. */
  public Optional<String> find(String name) {
    return Optional.of(text(name)).filter(value -> !value.isEmpty());
  }

  /** All values of a parameter that may repeat. */
  public List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  /** A lenient boolean: absent, "", 0, no, false and none are false, all else is true. */
  public boolean flag(String name) {
    return switch (Letters.small(text(name).strip())) {
      case "", "0", "no", "false", "none" -> false;
      default -> true;
    };
  }

  /** {@link #flag} with a value for "absent". */
  public boolean flag(String name, boolean absent) {
    return values.containsKey(name) ? flag(name) : absent;
  }

  /**
   * Go's strict boolean (strconv.ParseBool); absent is false.
   *
   * @throws HttpFailure 400 "invalid value for NAME: …"
   */
  public boolean strictFlag(String name) {
    return switch (text(name)) {
      case "", "0", "f", "F", "false", "FALSE", "False" -> false;
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      default ->
          throw HttpFailure.invalid(
              "invalid value for %s: %s: strconv.ParseBool: parsing \"%s\": invalid syntax"
                  .formatted(name, text(name), text(name)));
    };
  }

  /** A whole number, if there; throws {@link HttpFailure} 400 if it is no number. */
  public Optional<Long> number(String name) {
    return find(name)
        .map(
            value -> {
              try {
                return Long.parseLong(value);
              } catch (NumberFormatException e) {
                throw HttpFailure.invalid(
                    "strconv.ParseInt: parsing \"%s\": invalid syntax".formatted(value));
              }
            });
  }
}
