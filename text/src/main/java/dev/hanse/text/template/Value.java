package dev.hanse.text.template;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a template computes with: the values of Go that Docker's templates meet. */
public sealed interface Value {
  /** The one without a value: a missing key, an empty branch. */
  Value NOTHING = new Nothing();

  /** Go's name of its type, for messages. */
  String type();

  /** Whether a condition holds that is this value: not if it is zero or empty. */
  boolean isTrue();

  /** As it is printed among others. */
  String text();

  /** A string. */
  record Text(String value) implements Value {
    @Override
    public String type() {
      return "string";
    }

    @Override
    public boolean isTrue() {
      return !value.isEmpty();
    }

    @Override
    public String text() {
      return value;
    }
  }

  /**
   * A whole number.
   *
   * @param type {@code int}, or {@code uint8} for a byte, {@code int32} for a character
   */
  record Whole(long value, String type) implements Value {
    Whole(long value) {
      this(value, "int");
    }

    @Override
    public boolean isTrue() {
      return value != 0;
    }

    @Override
    public String text() {
      return Long.toString(value);
    }
  }

  /** A number with a fraction. */
  record Decimal(double value) implements Value {
    @Override
    public String type() {
      return "float64";
    }

    @Override
    public boolean isTrue() {
      return value != 0;
    }

    @Override
    public String text() {
      return Numbers.shortest(value);
    }
  }

  /** True or false. */
  record Flag(boolean value) implements Value {
    @Override
    public String type() {
      return "bool";
    }

    @Override
    public boolean isTrue() {
      return value;
    }

    @Override
    public String text() {
      return Boolean.toString(value);
    }
  }

  /** See {@link #NOTHING}. */
  record Nothing() implements Value {
    @Override
    public String type() {
      return "nil";
    }

    @Override
    public boolean isTrue() {
      return false;
    }

    @Override
    public String text() {
      return "<no value>";
    }
  }

  /**
   * A struct: there are these fields and no others.
   *
   * @param fields in Go's order
   */
  record Struct(String type, List<Field> fields) implements Value {
    /** Copies the list. */
    public Struct {
      fields = List.copyOf(fields);
    }

    /** One of its fields. */
    public record Field(String name, Value value) {}

    @Override
    public boolean isTrue() {
      return true;
    }

    @Override
    public String text() {
      return fields.stream()
          .map(field -> field.value().text())
          .collect(Collectors.joining(" ", "{", "}"));
    }
  }

  /** A map of strings to strings; sorted by key, as Go prints it and walks through it. */
  record Table(Map<String, String> entries) implements Value {
    /** Copies the map. */
    public Table {
      entries = new TreeMap<>(entries);
    }

    @Override
    public String type() {
      return "map[string]string";
    }

    @Override
    public boolean isTrue() {
      return !entries.isEmpty();
    }

    @Override
    public String text() {
      return entries.entrySet().stream()
          .map(entry -> entry.getKey() + ":" + entry.getValue())
          .collect(Collectors.joining(" ", "map[", "]"));
    }
  }
}
