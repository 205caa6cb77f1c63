package dev.hanse.docker.field;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How values of a kind are shown in JSON.
 *
 * @param <V> the kind of value
 */
public abstract class Display<V> {
  /** The value in JSON. */
  public abstract JsonNode show(V value);

  /** Whether it is what Go's {@code omitempty} leaves out. */
  public abstract boolean isEmpty(V value);
}
