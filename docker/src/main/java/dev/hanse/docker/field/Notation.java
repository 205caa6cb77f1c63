package dev.hanse.docker.field;

import dev.hanse.web.HttpFailure;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How values of a kind are written in JSON and read from it.
 *
 * @param <V> the kind of value
 */
public abstract class Notation<V> extends Display<V> {
  /**
   * The value of a field that is there; null if the message keeps its default all the same.
   *
   * @throws HttpFailure 400 in Docker's words if the field holds something else
   */
  public abstract @Nullable V read(Given field);

  /** The value of a field that is absent or null; null if the message keeps its default. */
  public @Nullable V absent() {
    return null;
  }

  /** The same, but zero, "" and the like count as absent: they change nothing. */
  public Notation<V> unlessEmpty() {
    return new Adapted<>(this, value -> isEmpty(value) ? null : value, absent());
  }

  /** The same, but the field is always read: absent, it has this value. */
  public Notation<V> orElse(V absent) {
    return new Adapted<>(this, value -> value, absent);
  }

  /** The same, but some values are refused with Docker's words. */
  public Notation<V> refusing(Predicate<V> wrong, String message) {
    return new Adapted<>(
        this,
        value -> {
          if (wrong.test(value)) {
            throw HttpFailure.invalid(message);
          }
          return value;
        },
        absent());
  }
}
