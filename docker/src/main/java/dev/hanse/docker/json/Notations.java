package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Int64Value;
import com.google.protobuf.Timestamp;
import dev.hanse.web.Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/** The notations that Docker's JSON is made of; enums have {@link Words}. */
public final class Notations {
  /** A string. */
  public static final Notation<String> TEXT =
      of(TextNode::valueOf, String::isEmpty, (fields, name) -> given(fields, name, fields::text));

  /** A boolean. */
  public static final Notation<Boolean> FLAG =
      of(BooleanNode::valueOf, value -> !value, Fields::findFlag);

  /** A whole number. */
  public static final Notation<Long> NUMBER =
      of(LongNode::valueOf, value -> value == 0, Fields::findNumber);

  /** A number from 0 up. */
  public static final Notation<Long> UNSIGNED =
      of(LongNode::valueOf, value -> value == 0, Fields::findUnsigned);

  /** A number of 32 bits from 0 up, which Java holds with a sign. */
  public static final Notation<Integer> UNSIGNED_32 =
      of(
          value -> LongNode.valueOf(Integer.toUnsignedLong(value)),
          value -> value == 0,
          (fields, name) -> given(fields, name, fields::unsigned32));

  /** A number of which the message holds 32 bits: a greater one is taken for the greatest. */
  public static final Notation<Integer> COUNT =
      of(
          IntNode::valueOf,
          value -> value == 0,
          (fields, name) -> fields.findNumber(name).map(n -> (int) Math.min(Integer.MAX_VALUE, n)));

  /** A decimal number, without fraction where it is whole. */
  public static final Notation<Float> DECIMAL =
      of(
          Notations::decimal,
          value -> value == 0,
          (fields, name) -> given(fields, name, fields::decimal));

  /** A duration in nanoseconds. */
  public static final Notation<Duration> DURATION =
      of(
          value -> LongNode.valueOf(Times.nanoseconds(value)),
          value -> Times.nanoseconds(value) == 0,
          Fields::duration);

  /** A duration in nanoseconds that is always there: absent, it is zero. */
  public static final Notation<Duration> DURATION_OR_ZERO =
      DURATION.orElse(Duration.getDefaultInstance());

  /** Bytes in base64. */
  public static final Notation<ByteString> BYTES =
      of(
          value -> TextNode.valueOf(Base64.getEncoder().encodeToString(value.toByteArray())),
          ByteString::isEmpty,
          (fields, name) -> given(fields, name, fields::bytes));

  /** Bytes that are text, such as a certificate in PEM. */
  public static final Notation<ByteString> TEXT_BYTES =
      of(
          value -> TextNode.valueOf(value.toStringUtf8()),
          ByteString::isEmpty,
          (fields, name) -> given(fields, name, fields::text).map(ByteString::copyFromUtf8));

  /** Strings. */
  public static final Notation<List<String>> TEXTS =
      of(Notations::array, List::isEmpty, (fields, name) -> given(fields, name, fields::texts));

  /** An object of strings, sorted by key, as Go writes maps. */
  public static final Notation<Map<String, String>> MAP =
      of(Notations::object, Map::isEmpty, (fields, name) -> given(fields, name, fields::map));

  /** A boolean that may be absent. */
  public static final Notation<BoolValue> OPTIONAL_FLAG =
      of(
          value -> BooleanNode.valueOf(value.getValue()),
          value -> false,
          (fields, name) -> fields.findFlag(name).map(BoolValue::of));

  /** A whole number that may be absent. */
  public static final Notation<Int64Value> OPTIONAL_NUMBER =
      of(
          value -> LongNode.valueOf(value.getValue()),
          value -> false,
          (fields, name) -> fields.findNumber(name).map(Int64Value::of));

  /** A time; the epoch is none. */
  public static final Display<Timestamp> TIME =
      shown(value -> TextNode.valueOf(Times.text(value)), value -> value.getSeconds() == 0);

  private Notations() {}

  /** A notation of its parts. */
  static <V> Notation<V> of(
      Function<V, JsonNode> show,
      Predicate<V> empty,
      BiFunction<Fields, String, Optional<V>> read) {
    return new Notation<>() {
      @Override
      public JsonNode show(V value) {
        return show.apply(value);
      }

      @Override
      public boolean isEmpty(V value) {
        return empty.test(value);
      }

      @Override
      public Optional<V> read(Fields fields, String name) {
        return read.apply(fields, name);
      }
    };
  }

  /** A display of its parts. */
  public static <V> Display<V> shown(Function<V, JsonNode> show, Predicate<V> empty) {
    return new Display<>() {
      @Override
      public JsonNode show(V value) {
        return show.apply(value);
      }

      @Override
      public boolean isEmpty(V value) {
        return empty.test(value);
      }
    };
  }

  /** An array of such values. */
  public static <V> Display<List<V>> list(Display<V> element) {
    return shown(values -> array(values, element), List::isEmpty);
  }

  /** An array of objects, of which those that are null are skipped. */
  public static <M, B> Notation<List<M>> list(FieldTable<M, B> element) {
    return of(
        values -> array(values, element),
        List::isEmpty,
        (fields, name) -> Optional.of(read(fields.objects(name), element)));
  }

  /** An array of objects, of which only some count. */
  static <M, B> Notation<List<M>> list(FieldTable<M, B> element, Predicate<M> counts) {
    return of(
        values -> array(values.stream().filter(counts).toList(), element),
        values -> values.stream().noneMatch(counts),
        (fields, name) ->
            Optional.of(read(fields.objects(name), element).stream().filter(counts).toList()));
  }

  private static <M, B> List<M> read(List<Fields> objects, FieldTable<M, B> element) {
    List<M> values = new ArrayList<>(objects.size());
    for (Fields object : objects) {
      values.add(element.read(object));
    }
    return values;
  }

  private static <V> ArrayNode array(List<V> values, Display<V> element) {
    ArrayNode array = Json.array();
    for (V value : values) {
      array.add(element.show(value));
    }
    return array;
  }

  private static ArrayNode array(List<String> values) {
    ArrayNode array = Json.array();
    values.forEach(array::add);
    return array;
  }

  private static ObjectNode object(Map<String, String> values) {
    ObjectNode object = Json.object();
    new TreeMap<>(values).forEach(object::put);
    return object;
  }

  private static JsonNode decimal(float value) {
    return value == (int) value ? IntNode.valueOf((int) value) : FloatNode.valueOf(value);
  }

  private static <V> Optional<V> given(Fields fields, String name, Function<String, V> read) {
    return fields.has(name) ? Optional.of(read.apply(name)) : Optional.empty();
  }
}
