package dev.hanse.docker.field;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A notation that is shown as another, and read with a difference.
 *
 * @param <V> the kind of value
 */
final class Adapted<V> extends Notation<V> {
  private final Notation<V> notation;
  private final Adapt<V> adapt;
  private final @Nullable V absent;

  /** A step after reading. */
  interface Adapt<V> {
    @Nullable V value(V value);
  }

  /**
   * Of another notation.
   *
   * @param adapt what becomes of a value that is read; null makes it count as absent
   * @param absent the value of a field that is absent, null for none
   */
  Adapted(Notation<V> notation, Adapt<V> adapt, @Nullable V absent) {
    this.notation = notation;
    this.adapt = adapt;
    this.absent = absent;
  }

  @Override
  public JsonNode show(V value) {
    return notation.show(value);
  }

  @Override
  public boolean isEmpty(V value) {
    return notation.isEmpty(value);
  }

  @Override
  public @Nullable V read(Given field) {
    V value = notation.read(field);
    V adapted = value == null ? null : adapt.value(value);
    return adapted == null ? absent : adapted;
  }

  @Override
  public @Nullable V absent() {
    return absent;
  }
}
