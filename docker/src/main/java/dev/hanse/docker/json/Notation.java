package dev.hanse.docker.json;

import dev.hanse.web.HttpFailure;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How values of a kind are written in JSON and read from it.
 *
 * @param <V> the kind of value
 */
public interface Notation<V> extends Display<V> {
  /**
   * The value of a field; empty if the field is absent or null and the message keeps its default.
   *
   * @throws HttpFailure 400 in Docker's words if the field holds something else
   */
  Optional<V> read(Fields fields, String name);

  /** The same, but zero, "" and the like count as absent: they change nothing. */
  default Notation<V> unlessEmpty() {
    return Notations.of(
        this::show, this::isEmpty, (fields, name) -> read(fields, name).filter(v -> !isEmpty(v)));
  }

  /** The same, but the field is always read: absent, it has this value. */
  default Notation<V> orElse(V absent) {
    return Notations.of(
        this::show,
        this::isEmpty,
        (fields, name) -> read(fields, name).or(() -> Optional.of(absent)));
  }

  /** The same, but some values are refused with Docker's words. */
  default Notation<V> refusing(Predicate<V> wrong, String message) {
    return Notations.of(
        this::show,
        this::isEmpty,
        (fields, name) -> {
          Optional<V> value = read(fields, name);
          if (value.filter(wrong).isPresent()) {
            throw HttpFailure.invalid(message);
          }
          return value;
        });
  }
}
