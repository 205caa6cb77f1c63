package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a JSON object as Go does: names without regard to case, null as absent,
 * absent as the empty value; a value of the wrong type is an error (400) that names the field.
 */
public final class Fields {
  private final JsonNode object;
  private final String path;

  private Fields(JsonNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /** The fields of a request's body. */
  public static Fields of(JsonNode object) {
    return new Fields(object, "");
  }

  private @Nullable JsonNode find(String name) {
    JsonNode exact = object.get(name);
    if (exact == null) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        if (entry.getKey().equalsIgnoreCase(name)) {
          exact = entry.getValue();
        }
      }
    }
    return exact == null || exact.isNull() ? null : exact;
  }

  private HttpFailure wrong(JsonNode node, String name, String type) {
    String what =
        switch (node.getNodeType()) {
          case BOOLEAN -> "bool";
          case NUMBER -> type.equals("string") ? "number" : "number " + node.asText();
          default -> node.getNodeType().name().toLowerCase(Locale.ROOT);
        };
    return HttpFailure.invalid(
        "invalid JSON: json: cannot unmarshal %s into Go struct field %s of type %s"
            .formatted(what, path + name, type));
  }

  /** Whether the field is there and not null. */
  public boolean has(String name) {
    return find(name) != null;
  }

  /** A string, "" if absent. */
  public String text(String name) {
    JsonNode node = find(name);
    if (node == null) {
      return "";
    }
    if (!node.isTextual()) {
      throw wrong(node, name, "string");
    }
    return node.textValue();
  }

  /** A boolean, false if absent. */
  public boolean flag(String name) {
    return findFlag(name).orElse(false);
  }

  /** A boolean, if there. */
  public Optional<Boolean> findFlag(String name) {
    JsonNode node = find(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isBoolean()) {
      throw wrong(node, name, "bool");
    }
    return Optional.of(node.booleanValue());
  }

  /** A whole number, if there. */
  public Optional<Long> findNumber(String name) {
    return number(name, "int64", Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** A number from 0 up, if there. */
  public Optional<Long> findUnsigned(String name) {
    return number(name, "uint64", 0, Long.MAX_VALUE);
  }

  /** A number of 32 bits from 0 up, 0 if absent. */
  public int unsigned32(String name) {
    return number(name, "uint32", 0, (1L << 32) - 1).orElse(0L).intValue();
  }

  private Optional<Long> number(String name, String type, long least, long most) {
    JsonNode node = find(name);
    if (node == null) {
      return Optional.empty();
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.longValue() < least
        || node.longValue() > most) {
      throw wrong(node, name, type);
    }
    return Optional.of(node.longValue());
  }

  /** A decimal number, 0 if absent. */
  public float decimal(String name) {
    JsonNode node = find(name);
    if (node == null) {
      return 0;
    }
    if (!node.isNumber()) {
      throw wrong(node, name, "float32");
    }
    return node.floatValue();
  }

  /** A duration in nanoseconds, if there. */
  public Optional<Duration> duration(String name) {
    return findNumber(name).map(Times::duration);
  }

  /** Bytes in base64, empty if absent. */
  public ByteString bytes(String name) {
    JsonNode node = find(name);
    if (node == null) {
      return ByteString.EMPTY;
    }
    if (!node.isTextual()) {
      throw wrong(node, name, "[]uint8");
    }
    try {
      return ByteString.copyFrom(node.binaryValue());
    } catch (IOException e) {
      throw HttpFailure.invalid("invalid JSON: illegal base64 data in field " + path + name);
    }
  }

  /** Strings, none if absent. */
  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : elements(name, "[]string")) {
      if (!element.isTextual()) {
        throw wrong(element, name, "string");
      }
      texts.add(element.textValue());
    }
    return texts;
  }

  /** An object of strings, empty if absent. */
  public Map<String, String> map(String name) {
    Map<String, String> map = new LinkedHashMap<>();
    JsonNode node = find(name);
    if (node == null) {
      return map;
    }
    if (!node.isObject()) {
      throw wrong(node, name, "map[string]string");
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      JsonNode value = entry.getValue();
      if (!value.isTextual() && !value.isNull()) {
        throw wrong(value, name, "string");
      }
      map.put(entry.getKey(), value.isNull() ? "" : value.textValue());
    }
    return map;
  }

  /** An object, if there. */
  public Optional<Fields> object(String name) {
    JsonNode node = find(name);
    return node == null ? Optional.empty() : Optional.of(nested(node, name));
  }

  /** An object, or one without fields. */
  public Fields objectOrEmpty(String name) {
    return object(name).orElseGet(() -> new Fields(Json.object(), path));
  }

  /** An array of objects, none if absent; null elements are skipped. */
  public List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode element : elements(name, "[]object")) {
      if (!element.isNull()) {
        objects.add(nested(element, name));
      }
    }
    return objects;
  }

  /** An array of arrays of strings, as it is. */
  public ArrayNode arrays(String name) {
    ArrayNode arrays = Json.array();
    for (JsonNode element : elements(name, "[][]string")) {
      if (!element.isArray()) {
        throw wrong(element, name, "[]string");
      }
      arrays.add(element);
    }
    return arrays;
  }

  private Fields nested(JsonNode node, String name) {
    if (!node.isObject()) {
      throw wrong(node, name, "object");
    }
    return new Fields(node, path + name + ".");
  }

  private Iterable<JsonNode> elements(String name, String type) {
    JsonNode node = find(name);
    if (node == null) {
      return List.of();
    }
    if (!node.isArray()) {
      throw wrong(node, name, type);
    }
    return node;
  }
}
