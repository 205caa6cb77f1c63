package dev.hanse.docker.field;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import dev.hanse.web.HttpFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of a message in both directions: each line names a field of the JSON, its notation, and
 * how the message's field is got and set. A new field of a message is one line here.
 *
 * <p>Names that no line has are ignored, as Go does. A field of the message that no line has stands
 * in the table with a reason: {@link Lines#without}, {@link Lines#onlyShown}; a test fills each
 * message by its descriptor, writes it, reads it back and compares.
 *
 * @param <M> a protobuf message
 * @param <B> its builder
 */
public final class FieldTable<M, B> extends Notation<M> {
  private final Supplier<B> start;
  private final Function<B, M> finish;
  private final ShownTable<M> shown;
  private final ShownTable<M> complete;
  private final FieldNames names;
  private final Reader<B>[] readers;
  private final Map<String, String> unread;

  /** Reads a line of what was found by the names that the table reads, or of the whole object. */
  private interface Reader<B> {
    void read(Fields fields, @Nullable JsonNode[] found, B builder);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // Java makes no arrays of such a type.
  private FieldTable(Lines<M, B> lines) {
    this.start = lines.start;
    this.finish = lines.finish;
    this.shown = lines.shown.build();
    this.complete = lines.complete.build();
    this.names = lines.names;
    this.readers = lines.readers.toArray(new Reader[0]);
    this.unread = Map.copyOf(lines.unread);
  }

  /**
   * A table without lines yet, of a message's {@code newBuilder} and its builder's {@code build}.
   */
  public static <M extends Message, B extends Message.Builder> Lines<M, B> of(
      Supplier<B> start, Function<B, M> finish) {
    return new Lines<>(start, finish);
  }

  @Override
  public ObjectNode show(M message) {
    return shown.show(message);
  }

  @Override
  public boolean isEmpty(M message) {
    return false;
  }

  @Override
  public M read(Given field) {
    return read(field.fields());
  }

  /**
   * The message that an object means.
   *
   * @throws HttpFailure 400 in Docker's words
   */
  public M read(Fields fields) {
    B builder = start.get();
    readInto(builder, fields);
    return finish.apply(builder);
  }

  /** Sets what an object names; the rest stays as it is. */
  public void readInto(B builder, Fields fields) {
    @Nullable JsonNode[] found = names.in(fields.object());
    for (Reader<B> reader : readers) {
      reader.read(fields, found, builder);
    }
  }

  /** The half that shows. */
  public ShownTable<M> shown() {
    return shown;
  }

  /** What is shown, and the fields that are only ever taken: JSON as a client may send it. */
  public ShownTable<M> complete() {
    return complete;
  }

  /** The fields that are shown but not read, by their path in the message, and why. */
  public Map<String, String> unread() {
    return unread;
  }

  /** A message without content, for its descriptor. */
  public M empty() {
    return finish.apply(start.get());
  }

  /**
   * The lines of a table that is being made.
   *
   * @param <M> a protobuf message
   * @param <B> its builder
   */
  public static final class Lines<M, B> {
    private final Supplier<B> start;
    private final Function<B, M> finish;
    private final ShownTable.Lines<M> shown = ShownTable.half();
    private final ShownTable.Lines<M> complete = ShownTable.half();
    private final FieldNames names = new FieldNames();
    private final List<Reader<B>> readers = new ArrayList<>();
    private final Map<String, String> unread = new HashMap<>();

    private Lines(Supplier<B> start, Function<B, M> finish) {
      this.start = start;
      this.finish = finish;
    }

    private Lines<M, B> both(Consumer<ShownTable.Lines<M>> line) {
      line.accept(shown);
      line.accept(complete);
      return this;
    }

    private <V> Lines<M, B> reads(String name, Notation<V> notation, BiConsumer<B, V> set) {
      int place = names.add(name);
      readers.add(
          (fields, found, builder) -> {
            JsonNode node = found[place];
            V value =
                node == null ? notation.absent() : notation.read(new Given(fields, name, node));
            if (value != null) {
              set.accept(builder, value);
            }
          });
      return this;
    }

    /** A field that is left out when it is empty. */
    public <V> Lines<M, B> line(
        String name, Notation<V> notation, Function<M, V> get, BiConsumer<B, V> set) {
      return both(lines -> lines.line(name, notation, get)).reads(name, notation, set);
    }

    /** A field that is always shown. */
    public <V> Lines<M, B> always(
        String name, Notation<V> notation, Function<M, V> get, BiConsumer<B, V> set) {
      return both(lines -> lines.always(name, notation, get)).reads(name, notation, set);
    }

    /** A field that is shown when the message has it, be it empty. */
    public <V> Lines<M, B> optional(
        String name,
        Notation<V> notation,
        Predicate<M> has,
        Function<M, V> get,
        BiConsumer<B, V> set) {
      return both(lines -> lines.optional(name, notation, has, get)).reads(name, notation, set);
    }

    /** A field that is null when the message does not have it. */
    public <V> Lines<M, B> orNull(
        String name,
        Notation<V> notation,
        Predicate<M> has,
        Function<M, V> get,
        BiConsumer<B, V> set) {
      return both(lines -> lines.orNull(name, notation, has, get)).reads(name, notation, set);
    }

    /** A field that is null when it is empty. */
    public <V> Lines<M, B> emptyAsNull(
        String name, Notation<V> notation, Function<M, V> get, BiConsumer<B, V> set) {
      return both(lines -> lines.emptyAsNull(name, notation, get)).reads(name, notation, set);
    }

    /** A field that clients send and never see, such as a key. */
    public <V> Lines<M, B> secret(
        String name, Notation<V> notation, Function<M, V> get, BiConsumer<B, V> set) {
      complete.line(name, notation, get);
      return reads(name, notation, set);
    }

    /** An object that is always shown, and whose fields are set where it is absent too. */
    public <N, C> Lines<M, B> part(
        String name, FieldTable<N, C> table, Function<M, N> get, Function<B, C> builderOf) {
      shown.always(name, table.shown(), get);
      complete.always(name, table.complete(), get);
      readers.add(
          (fields, _, builder) ->
              table.readInto(builderOf.apply(builder), fields.objectOrEmpty(name)));
      return this;
    }

    /** The fields of a part that stand among the whole's own. */
    public <N, C> Lines<M, B> inline(
        FieldTable<N, C> table, Function<M, N> get, Function<B, C> builderOf) {
      shown.inline(table.shown(), get);
      complete.inline(table.complete(), get);
      readers.add((fields, _, builder) -> table.readInto(builderOf.apply(builder), fields));
      return this;
    }

    /** What no other line can say. */
    public Lines<M, B> other(BiConsumer<M, ObjectNode> show, BiConsumer<Fields, B> read) {
      also(read);
      return both(lines -> lines.other(show));
    }

    /** Does something with the object, or with what the lines above have read. */
    public Lines<M, B> also(BiConsumer<Fields, B> step) {
      readers.add((fields, _, builder) -> step.accept(fields, builder));
      return this;
    }

    /** Says why a field of the message, by its path in protobuf's names, has no JSON here. */
    public Lines<M, B> without(String field, String reason) {
      return both(lines -> lines.without(field, reason));
    }

    /** Says why a field is not read. */
    public Lines<M, B> onlyShown(String field, String reason) {
      unread.put(field, reason);
      return this;
    }

    /** The table. */
    public FieldTable<M, B> build() {
      return new FieldTable<>(this);
    }
  }
}
