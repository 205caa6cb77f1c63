package dev.hanse.sim.history;

import java.util.Optional;

/**
 * A value that is made, exchanged by those who know the present one, read and removed: a service
 * whose specification carries a mark, updated with the version that was seen.
 */
public final class Register implements SequentialModel<Optional<String>, Register.Action> {
  /** An action that has succeeded, or of which nothing is known. */
  public sealed interface Action {
    /** Makes the value, which does not exist. */
    record Make(String value) implements Action {}

    /** Puts a value in the place of another. */
    record Exchange(String expected, String value) implements Action {}

    /** Removes the value. */
    record Remove() implements Action {}

    /** Reads it; empty if there is none. */
    record Read(Optional<String> value) implements Action {}
  }

  /** The only one. */
  public Register() {}

  @Override
  public Optional<String> initial() {
    return Optional.empty();
  }

  @Override
  public Optional<Optional<String>> after(Optional<String> state, Action action) {
    return switch (action) {
      case Action.Make make ->
          state.isEmpty() ? Optional.of(Optional.of(make.value())) : Optional.empty();
      case Action.Exchange exchange ->
          state.equals(Optional.of(exchange.expected()))
              ? Optional.of(Optional.of(exchange.value()))
              : Optional.empty();
      case Action.Remove remove ->
          state.isPresent() ? Optional.of(Optional.empty()) : Optional.empty();
      case Action.Read read -> state.equals(read.value()) ? Optional.of(state) : Optional.empty();
    };
  }
}
