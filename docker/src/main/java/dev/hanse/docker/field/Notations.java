package dev.hanse.docker.field;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
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
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The notations that Docker's JSON is made of; enums have {@link Words}. */
public final class Notations {
  /** A string. */
  public static final Notation<String> TEXT = new Plain.Text();

  /** A boolean. */
  public static final Notation<Boolean> FLAG = new Plain.Flag();

  /** A whole number. */
  public static final Notation<Long> NUMBER = new Plain.Whole(false);

  /** A number from 0 up. */
  public static final Notation<Long> UNSIGNED = new Plain.Whole(true);

  /** A number of 32 bits from 0 up, which Java holds with a sign. */
  public static final Notation<Integer> UNSIGNED_32 =
      of(
          value -> LongNode.valueOf(Integer.toUnsignedLong(value)),
          value -> value == 0,
          Given::unsigned32);

  /** A number of which the message holds 32 bits: a greater one is taken for the greatest. */
  public static final Notation<Integer> COUNT =
      of(
          IntNode::valueOf,
          value -> value == 0,
          field -> (int) Math.min(Integer.MAX_VALUE, field.number()));

  /** A decimal number, without fraction where it is whole. */
  public static final Notation<Float> DECIMAL =
      of(Notations::decimal, value -> value == 0, Given::decimal);

  /** A duration in nanoseconds. */
  public static final Notation<Duration> DURATION =
      of(
          value -> LongNode.valueOf(Times.nanoseconds(value)),
          value -> Times.nanoseconds(value) == 0,
          field -> Times.duration(field.number()));

  /** A duration in nanoseconds that is always there: absent, it is zero. */
  public static final Notation<Duration> DURATION_OR_ZERO =
      DURATION.orElse(Duration.getDefaultInstance());

  /** Bytes in base64. */
  public static final Notation<ByteString> BYTES =
      of(
          value -> TextNode.valueOf(Base64.getEncoder().encodeToString(value.toByteArray())),
          ByteString::isEmpty,
          Given::bytes);

  /** Bytes that are text, such as a certificate in PEM. */
  public static final Notation<ByteString> TEXT_BYTES =
      of(
          value -> TextNode.valueOf(value.toStringUtf8()),
          ByteString::isEmpty,
          field -> ByteString.copyFromUtf8(field.text()));

  /** Strings. */
  public static final Notation<List<String>> TEXTS = new Plain.Texts();

  /** An object of strings, sorted by key, as Go writes maps. */
  public static final Notation<Map<String, String>> MAP = new Plain.TextMap();

  /** A boolean that may be absent. */
  public static final Notation<BoolValue> OPTIONAL_FLAG =
      of(
          value -> BooleanNode.valueOf(value.getValue()),
          value -> false,
          field -> BoolValue.of(field.flag()));

  /** A whole number that may be absent. */
  public static final Notation<Int64Value> OPTIONAL_NUMBER =
      of(
          value -> LongNode.valueOf(value.getValue()),
          value -> false,
          field -> Int64Value.of(field.number()));

  /** A time; the epoch is none. */
  public static final Display<Timestamp> TIME =
      shown(value -> TextNode.valueOf(Times.text(value)), value -> value.getSeconds() == 0);

  private Notations() {}

  /**
   * How a value is read.
   *
   * @param <V> the kind of value
   */
  public interface Reading<V> {
    /** The value of a field that is there; null if the message keeps its default all the same. */
    @Nullable V read(Given field);
  }

  /** A notation of its parts. */
  public static <V> Notation<V> of(
      Function<V, JsonNode> show, Predicate<V> empty, Reading<V> reading) {
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
      public @Nullable V read(Given field) {
        return reading.read(field);
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
    return new Display<>() {
      @Override
      public JsonNode show(List<V> values) {
        return array(values, element);
      }

      @Override
      public boolean isEmpty(List<V> values) {
        return values.isEmpty();
      }
    };
  }

  /** An array of objects, of which those that are null are skipped. */
  public static <M, B> Notation<List<M>> list(FieldTable<M, B> element) {
    return new Notation<>() {
      @Override
      public JsonNode show(List<M> values) {
        return array(values, element.shown());
      }

      @Override
      public boolean isEmpty(List<M> values) {
        return values.isEmpty();
      }

      @Override
      public List<M> read(Given field) {
        List<M> values = new ArrayList<>();
        for (Fields object : field.objects()) {
          values.add(element.read(object));
        }
        return values;
      }
    };
  }

  /** An array of objects, of which only some count. */
  public static <M, B> Notation<List<M>> list(FieldTable<M, B> element, Predicate<M> counts) {
    Notation<List<M>> all = list(element);
    return of(
        values -> all.show(values.stream().filter(counts).toList()),
        values -> values.isEmpty() || values.stream().noneMatch(counts),
        field -> requireNonNull(all.read(field)).stream().filter(counts).toList());
  }

  private static <V> ArrayNode array(List<V> values, Display<V> element) {
    ArrayNode array = Json.array();
    for (V value : values) {
      array.add(element.show(value));
    }
    return array;
  }

  private static JsonNode decimal(float value) {
    return value == (int) value ? IntNode.valueOf((int) value) : FloatNode.valueOf(value);
  }
}
