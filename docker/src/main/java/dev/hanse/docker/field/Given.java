package dev.hanse.docker.field;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.hanse.web.HttpFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A field that is there and not null. A value of the wrong type is an error (400) that names the
 * field as Go does.
 *
 * @param object where it stands
 * @param name its name, as the message's table has it
 * @param node what it holds
 */
public record Given(Fields object, String name, JsonNode node) {
  String path() {
    return object.path() + name;
  }

  private HttpFailure wrong(JsonNode found, String type) {
    String what =
        switch (found.getNodeType()) {
          case BOOLEAN -> "bool";
          case NUMBER -> type.equals("string") ? "number" : "number " + found.toString();
          default -> found.getNodeType().name().toLowerCase(Locale.ROOT);
        };
    return HttpFailure.invalid(
        "invalid JSON: json: cannot unmarshal %s into Go struct field %s of type %s"
            .formatted(what, path(), type));
  }

  String text() {
    return text(node);
  }

  /** None that Docker's API takes is told to the kernel or a program with a NUL in it. */
  private String text(JsonNode found) {
    if (!found.isTextual()) {
      throw wrong(found, "string");
    }
    if (found.textValue().indexOf('\0') >= 0) {
      throw HttpFailure.invalid("invalid " + path() + ": it contains a NUL character");
    }
    return found.textValue();
  }

  boolean flag() {
    if (!node.isBoolean()) {
      throw wrong(node, "bool");
    }
    return node.booleanValue();
  }

  long number() {
    return number("int64", Long.MIN_VALUE, Long.MAX_VALUE);
  }

  long unsigned() {
    if (node.isBigInteger() && node.bigIntegerValue().bitLength() == Long.SIZE) {
      throw HttpFailure.invalid(
          "invalid %s: %s is larger than %s".formatted(path(), node.toString(), Long.MAX_VALUE));
    }
    return number("uint64", 0, Long.MAX_VALUE);
  }

  /** A number of 32 bits from 0 up, which Java holds with a sign. */
  int unsigned32() {
    return (int) number("uint32", 0, (1L << 32) - 1);
  }

  private long number(String type, long least, long most) {
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.longValue() < least
        || node.longValue() > most) {
      throw wrong(node, type);
    }
    return node.longValue();
  }

  float decimal() {
    if (!node.isNumber()) {
      throw wrong(node, "float32");
    }
    return node.floatValue();
  }

  /** Bytes in base64. */
  ByteString bytes() {
    if (!node.isTextual()) {
      throw wrong(node, "[]uint8");
    }
    try {
      return ByteString.copyFrom(node.binaryValue());
    } catch (IOException e) {
      throw HttpFailure.invalid("invalid JSON: illegal base64 data in field " + path());
    }
  }

  List<String> texts() {
    List<String> texts = new ArrayList<>(node.size());
    for (JsonNode element : elements("[]string")) {
      texts.add(text(element));
    }
    return texts;
  }

  List<Long> numbers() {
    List<Long> numbers = new ArrayList<>(node.size());
    for (JsonNode element : elements("[]uint")) {
      numbers.add(new Given(object, name, element).number());
    }
    return numbers;
  }

  /** An object of strings. */
  Map<String, String> map() {
    if (!node.isObject()) {
      throw wrong(node, "map[string]string");
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      JsonNode value = entry.getValue();
      map.put(entry.getKey(), value.isNull() ? "" : text(value));
    }
    return map;
  }

  /** The fields of an object. */
  public Fields fields() {
    return nested(node);
  }

  /** An array of objects; null elements are skipped. */
  List<Fields> objects() {
    List<Fields> objects = new ArrayList<>(node.size());
    for (JsonNode element : elements("[]object")) {
      if (!element.isNull()) {
        objects.add(nested(element));
      }
    }
    return objects;
  }

  /** An array of arrays of strings, as it is. */
  public JsonNode arrays() {
    for (JsonNode element : elements("[][]string")) {
      if (!element.isArray()) {
        throw wrong(element, "[]string");
      }
    }
    return node;
  }

  private Fields nested(JsonNode found) {
    if (!found.isObject()) {
      throw wrong(found, "object");
    }
    return new Fields(found, this);
  }

  private Iterable<JsonNode> elements(String type) {
    if (!node.isArray()) {
      throw wrong(node, type);
    }
    return node;
  }
}
