package dev.hanse.docker.json;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How values of a kind are shown in JSON. It is a class, as {@link Notation} is: without the
 * optimizing compiler, which the daemon runs without, calls of interfaces cost twice as much as
 * calls of classes, and long lists make millions of these.
 *
 * @param <V> the kind of value
 */
public abstract class Display<V> {
  /** The value in JSON. */
  public abstract JsonNode show(V value);

  /** Whether it is what Go's {@code omitempty} leaves out. */
  public abstract boolean isEmpty(V value);
}
