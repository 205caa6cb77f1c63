package dev.hanse.docker.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hanse.web.Exchange;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The filters of a list request: for each field the values, one of which must fit; for labels all
 * must fit. Both of Docker's JSON forms are read: {@code {"name": {"a": true}}} and {@code {"name":
 * ["a"]}}.
 */
public final class Filters {
  /** Fields of one request. */
  static final int FIELDS_MAX = 100;

  /** Values of all fields of one request. */
  static final int VALUES_MAX = 1_000;

  private final Map<String, Set<String>> fields;
  private final Map<String, SearchFilter> searches = new HashMap<>();

  private Filters(Map<String, Set<String>> fields) {
    this.fields = fields;
  }

  /** Those of a request: its {@code filters} parameter. */
  public static Filters of(Exchange exchange) {
    return parse(exchange.query().text("filters"));
  }

  /**
   * Reads the value of the {@code filters} parameter; "" is no filter.
   *
   * @throws HttpFailure 400 if it is not JSON of one of the two forms
   */
  public static Filters parse(String text) {
    Map<String, Set<String>> fields = new LinkedHashMap<>();
    if (text.isEmpty()) {
      return new Filters(fields);
    }
    JsonNode root = Json.parse(text, () -> HttpFailure.invalid("invalid filter"));
    if (root.isNull()) {
      return new Filters(fields);
    }
    if (!root.isObject()) {
      throw HttpFailure.invalid("invalid filter");
    }
    if (root.size() > FIELDS_MAX) {
      throw HttpFailure.invalid("invalid filter: more than " + FIELDS_MAX + " fields");
    }
    int count = 0;
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      count += entry.getValue().size();
      if (count > VALUES_MAX) {
        throw HttpFailure.invalid("invalid filter: more than " + VALUES_MAX + " values");
      }
      fields.put(entry.getKey(), values(entry.getValue()));
    }
    return new Filters(fields);
  }

  private static Set<String> values(JsonNode node) {
    Set<String> values = new LinkedHashSet<>();
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        if (!entry.getValue().isBoolean()) {
          throw HttpFailure.invalid("invalid filter");
        }
        if (entry.getValue().booleanValue()) {
          values.add(entry.getKey());
        }
      }
    } else if (node.isArray()) {
      for (JsonNode value : node) {
        if (!value.isTextual()) {
          throw HttpFailure.invalid("invalid filter");
        }
        values.add(value.textValue());
      }
    } else if (!node.isNull()) {
      throw HttpFailure.invalid("invalid filter");
    }
    return values;
  }

  /**
   * Checks that only these fields are used.
   *
   * @throws HttpFailure 400 "invalid filter 'x'"
   */
  public Filters allowOnly(String... names) {
    Set<String> allowed = Set.of(names);
    for (String field : fields.keySet()) {
      if (!allowed.contains(field)) {
        throw HttpFailure.invalid("invalid filter '" + field + "'");
      }
    }
    return this;
  }

  /** Whether there is no filter at all. */
  public boolean isEmpty() {
    return fields.isEmpty();
  }

  /** Whether the field is filtered on. */
  public boolean has(String field) {
    return !values(field).isEmpty();
  }

  /** The values asked for in a field; empty if it is not filtered on. */
  public Set<String> values(String field) {
    return fields.getOrDefault(field, Set.of());
  }

  /** True if the field is not filtered on, or one of its values satisfies the test. */
  public boolean any(String field, Predicate<String> test) {
    Set<String> values = values(field);
    return values.isEmpty() || values.stream().anyMatch(test);
  }

  /**
   * True if the field is not filtered on, or one of its values, taken as a regular expression, is
   * found in one of the texts; for one thread.
   *
   * @throws HttpFailure 400 if the expressions are larger than a request may have
   */
  public boolean search(String field, String... texts) {
    return searches.computeIfAbsent(field, name -> SearchFilter.of(name, values(name))).fits(texts);
  }

  /**
   * True if every value of the field fits: {@code KEY} must be there, {@code KEY=VALUE} must be
   * equal.
   */
  public boolean labels(String field, Map<String, String> labels) {
    return values(field).stream().allMatch(wanted -> labelFits(wanted, labels));
  }

  private static boolean labelFits(String wanted, Map<String, String> labels) {
    int equals = wanted.indexOf('=');
    if (equals < 0) {
      return labels.containsKey(wanted);
    }
    return wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
  }

  /**
   * A boolean filter such as {@code dangling=true}.
   *
   * @throws HttpFailure 400 "invalid filter 'FIELD=[…]'" if it is no boolean or both
   */
  public boolean flag(String field, boolean absent) {
    Set<String> values = values(field);
    if (values.isEmpty()) {
      return absent;
    }
    boolean yes = values.contains("1") || values.contains("true");
    boolean no = values.contains("0") || values.contains("false");
    if (yes == no) {
      throw HttpFailure.invalid("invalid filter '" + field + "=" + values + "'");
    }
    return yes;
  }
}
