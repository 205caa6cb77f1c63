package dev.hanse.docker.field;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.hanse.web.HttpFailure;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Docker's words for the values of an enum, and what it says to others.
 *
 * @param <E> a protobuf enum
 */
public final class Words<E extends Enum<E>> extends Notation<E> {
  /** What protobuf makes of a number that this version does not know: shown, never taken. */
  private static final String UNKNOWN = "UNRECOGNIZED";

  private final Map<E, TextNode> shown;
  private final Map<String, E> values = new HashMap<>();
  private final E usual;
  private final boolean required;
  private final boolean anyCase;
  private final Function<String, E> others;

  private Words(
      Class<E> type,
      Function<E, String> word,
      E usual,
      boolean required,
      boolean anyCase,
      Function<String, E> others) {
    this.shown = new EnumMap<>(type);
    this.usual = usual;
    this.required = required;
    this.anyCase = anyCase;
    this.others = others;
    for (E value : type.getEnumConstants()) {
      shown.put(value, TextNode.valueOf(word.apply(value)));
      if (!value.name().equals(UNKNOWN)) {
        values.put(word.apply(value), value);
      }
    }
  }

  /**
   * Words in lower case with hyphens, as they are written.
   *
   * @param usual what an absent field means
   * @param refusal what is told to those who write anything else
   */
  public static <E extends Enum<E>> Words<E> of(E usual, Function<String, String> refusal) {
    return new Words<>(
        usual.getDeclaringClass(), Words::hyphenated, usual, false, false, refuse(refusal));
  }

  /** The same in any case, as {@code Bind} for {@code bind}. */
  public static <E extends Enum<E>> Words<E> inAnyCase(E usual, Function<String, String> refusal) {
    return new Words<>(
        usual.getDeclaringClass(), Words::hyphenated, usual, false, true, refuse(refusal));
  }

  /** The same, where one must be named. */
  public static <E extends Enum<E>> Words<E> required(E first, Function<String, String> refusal) {
    return new Words<>(
        first.getDeclaringClass(), Words::hyphenated, first, true, false, refuse(refusal));
  }

  /** Where Docker takes what it does not know for the usual. */
  public static <E extends Enum<E>> Words<E> lenient(E usual, Function<E, String> word) {
    return new Words<>(usual.getDeclaringClass(), word, usual, false, false, text -> usual);
  }

  private static String hyphenated(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static <E> Function<String, E> refuse(Function<String, String> refusal) {
    return text -> {
      throw HttpFailure.invalid(refusal.apply(text));
    };
  }

  @Override
  public JsonNode show(E value) {
    return requireNonNull(shown.get(value));
  }

  @Override
  public boolean isEmpty(E value) {
    return value == usual;
  }

  @Override
  public E read(Given field) {
    return value(field.text());
  }

  /** As for "": the usual, or a refusal where one must be named. */
  @Override
  public E absent() {
    return value("");
  }

  /**
   * What a word means.
   *
   * @throws HttpFailure 400 in Docker's words if it is none
   */
  public E value(String text) {
    if (text.isEmpty() && !required) {
      return usual;
    }
    @Nullable E value = values.get(anyCase ? text.toLowerCase(Locale.ROOT) : text);
    return value == null ? others.apply(text) : value;
  }
}
