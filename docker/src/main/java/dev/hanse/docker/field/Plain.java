package dev.hanse.docker.field;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.hanse.web.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The notations of most fields. Each is a class, not made of functions, since a list of tasks asks
 * millions of times whether a field is empty.
 */
final class Plain {
  private Plain() {}

  /** A string. */
  static final class Text extends Notation<String> {
    @Override
    public JsonNode show(String value) {
      return TextNode.valueOf(value);
    }

    @Override
    public boolean isEmpty(String value) {
      return value.isEmpty();
    }

    @Override
    public String read(Given field) {
      return field.text();
    }
  }

  /** A boolean. */
  static final class Flag extends Notation<Boolean> {
    @Override
    public JsonNode show(Boolean value) {
      return BooleanNode.valueOf(value);
    }

    @Override
    public boolean isEmpty(Boolean value) {
      return !value;
    }

    @Override
    public Boolean read(Given field) {
      return field.flag();
    }
  }

  /** A whole number. */
  static final class Whole extends Notation<Long> {
    private final boolean unsigned;

    Whole(boolean unsigned) {
      this.unsigned = unsigned;
    }

    @Override
    public JsonNode show(Long value) {
      return LongNode.valueOf(value);
    }

    @Override
    public boolean isEmpty(Long value) {
      return value == 0;
    }

    @Override
    public Long read(Given field) {
      return unsigned ? field.unsigned() : field.number();
    }
  }

  /** Strings. */
  static final class Texts extends Notation<List<String>> {
    @Override
    public JsonNode show(List<String> values) {
      ArrayNode array = Json.array();
      for (String value : values) {
        array.add(value);
      }
      return array;
    }

    @Override
    public boolean isEmpty(List<String> values) {
      return values.isEmpty();
    }

    @Override
    public List<String> read(Given field) {
      return field.texts();
    }
  }

  /** An object of strings, sorted by key, as Go writes maps. */
  static final class TextMap extends Notation<Map<String, String>> {
    @Override
    public JsonNode show(Map<String, String> values) {
      ObjectNode object = Json.object();
      (values.size() < 2 ? values : new TreeMap<>(values)).forEach(object::put);
      return object;
    }

    @Override
    public boolean isEmpty(Map<String, String> values) {
      return values.isEmpty();
    }

    @Override
    public Map<String, String> read(Given field) {
      return field.map();
    }
  }
}
