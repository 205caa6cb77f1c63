package dev.hanse.endpoints;

import java.util.function.Function;

/** What came of something that is done as a whole or not at all. */
public sealed interface Attempt<T> {
  /** It is done. */
  record Done<T>(T value) implements Attempt<T> {}

  /**
   * Nothing was done.
   *
   * @param reason one sentence for a log
   */
  record Refused<T>(String reason) implements Attempt<T> {}

  /** What comes of going on with the value; a refusal stays one. */
  default <U> Attempt<U> then(Function<? super T, Attempt<U>> next) {
    return switch (this) {
      case Done<T>(T value) -> next.apply(value);
      case Refused<T>(String reason) -> new Refused<>(reason);
    };
  }
}
