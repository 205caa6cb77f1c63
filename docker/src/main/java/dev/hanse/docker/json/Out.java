package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.hanse.web.Json;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Writes fields of a JSON object, leaving empty values out. */
final class Out {
  private Out() {}

  static void text(ObjectNode object, String name, String value) {
    if (!value.isEmpty()) {
      object.put(name, value);
    }
  }

  static void flag(ObjectNode object, String name, boolean value) {
    if (value) {
      object.put(name, true);
    }
  }

  static void number(ObjectNode object, String name, long value) {
    if (value != 0) {
      object.put(name, value);
    }
  }

  static void duration(ObjectNode object, String name, Duration value) {
    number(object, name, Times.nanoseconds(value));
  }

  static void bytes(ObjectNode object, String name, ByteString value) {
    if (!value.isEmpty()) {
      object.put(name, Base64.getEncoder().encodeToString(value.toByteArray()));
    }
  }

  static void texts(ObjectNode object, String name, Collection<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = object.putArray(name);
      values.forEach(array::add);
    }
  }

  static void map(ObjectNode object, String name, Map<String, String> values) {
    if (!values.isEmpty()) {
      object.set(name, map(values));
    }
  }

  /** Sorted by key, as Go writes maps. */
  static ObjectNode map(Map<String, String> values) {
    ObjectNode object = Json.object();
    new TreeMap<>(values).forEach(object::put);
    return object;
  }

  static <T> void objects(
      ObjectNode object, String name, Collection<T> values, Function<T, ObjectNode> write) {
    if (!values.isEmpty()) {
      ArrayNode array = object.putArray(name);
      values.forEach(value -> array.add(write.apply(value)));
    }
  }
}
