package dev.hanse.docker.field;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.web.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What is shown of something that no client sends: a line for each field of its JSON, in this
 * order. Made once, when its class is loaded.
 *
 * <p>A field of the message that no line shows stands in {@link #hidden}, with the reason: a test
 * fills messages and looks for each field.
 *
 * @param <M> what is shown, a protobuf message or a record of some
 */
public final class ShownTable<M> extends Display<M> {
  private final Class<?> type;

  private static final JsonNode NULL = NullNode.getInstance();

  /** An array, since long lists spend a good part of their time with going through these. */
  private final Line<M>[] lines;

  private final Map<String, String> hidden;

  @SuppressWarnings({"unchecked", "rawtypes"}) // Java makes no arrays of such a type.
  private ShownTable(Lines<M> lines) {
    this.type = lines.type;
    this.lines = lines.lines.toArray(new Line[0]);
    this.hidden = Map.copyOf(lines.hidden);
  }

  /**
   * A line.
   *
   * @param <M> what is shown
   */
  private abstract static class Line<M> {
    abstract void show(M message, ObjectNode object);
  }

  /** A table without lines yet. */
  public static <M> Lines<M> of(Class<M> type) {
    return new Lines<>(type);
  }

  /** The lines of a table that reads too. */
  static <M> Lines<M> half() {
    return new Lines<>(FieldTable.class);
  }

  @Override
  public ObjectNode show(M message) {
    ObjectNode object = Json.object();
    showIn(object, message);
    return object;
  }

  /** Adds its fields to an object that has others too. */
  public void showIn(ObjectNode object, M message) {
    for (Line<M> line : lines) {
      line.show(message, object);
    }
  }

  @Override
  public boolean isEmpty(M message) {
    return false;
  }

  /** What is shown. */
  public Class<?> type() {
    return type;
  }

  /** The fields that are not shown, by their path in the message, and why. */
  public Map<String, String> hidden() {
    return hidden;
  }

  /**
   * The lines of a table that is being made.
   *
   * @param <M> what is shown
   */
  public static final class Lines<M> {
    private final Class<?> type;
    private final List<Line<M>> lines = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> hidden = new LinkedHashMap<>();

    private Lines(Class<?> type) {
      this.type = type;
    }

    private Lines<M> named(String name, Line<M> line) {
      if (!names.add(name)) {
        throw new IllegalArgumentException("two lines of the name " + name);
      }
      lines.add(line);
      return this;
    }

    /** A field that is left out when it is empty. */
    public <V> Lines<M> line(String name, Display<V> display, Function<M, V> get) {
      return named(
          name,
          new Line<>() {
            @Override
            void show(M message, ObjectNode object) {
              V value = get.apply(message);
              if (!display.isEmpty(value)) {
                object.set(name, display.show(value));
              }
            }
          });
    }

    /** A field that is always there. */
    public <V> Lines<M> always(String name, Display<V> display, Function<M, V> get) {
      return named(
          name,
          new Line<>() {
            @Override
            void show(M message, ObjectNode object) {
              object.set(name, display.show(get.apply(message)));
            }
          });
    }

    /** A field that is there when the message has it, be it empty. */
    public <V> Lines<M> optional(
        String name, Display<V> display, Predicate<M> has, Function<M, V> get) {
      return named(
          name,
          new Line<>() {
            @Override
            void show(M message, ObjectNode object) {
              if (has.test(message)) {
                object.set(name, display.show(get.apply(message)));
              }
            }
          });
    }

    /** A field that is null when the message does not have it. */
    public <V> Lines<M> orNull(
        String name, Display<V> display, Predicate<M> has, Function<M, V> get) {
      return named(
          name,
          new Line<>() {
            @Override
            void show(M message, ObjectNode object) {
              object.set(name, has.test(message) ? display.show(get.apply(message)) : NULL);
            }
          });
    }

    /** A field that is null when it is empty. */
    public <V> Lines<M> emptyAsNull(String name, Display<V> display, Function<M, V> get) {
      return named(
          name,
          new Line<>() {
            @Override
            void show(M message, ObjectNode object) {
              V value = get.apply(message);
              object.set(name, display.isEmpty(value) ? NULL : display.show(value));
            }
          });
    }

    /** A field that is null for all, since clients expect it. */
    public Lines<M> nothing(String name) {
      return named(
          name,
          new Line<>() {
            @Override
            void show(M message, ObjectNode object) {
              object.set(name, NULL);
            }
          });
    }

    /** The fields of a part that Docker shows among the whole's own. */
    public <V> Lines<M> inline(ShownTable<V> table, Function<M, V> get) {
      lines.add(
          new Line<>() {
            @Override
            void show(M message, ObjectNode object) {
              table.showIn(object, get.apply(message));
            }
          });
      return this;
    }

    /** What no other line can say. */
    public Lines<M> other(BiConsumer<M, ObjectNode> line) {
      lines.add(
          new Line<>() {
            @Override
            void show(M message, ObjectNode object) {
              line.accept(message, object);
            }
          });
      return this;
    }

    /** Says why a field of the message, by its path in protobuf's names, is not shown. */
    public Lines<M> without(String field, String reason) {
      hidden.put(field, reason);
      return this;
    }

    /** The table. */
    public ShownTable<M> build() {
      return new ShownTable<>(this);
    }
  }
}
