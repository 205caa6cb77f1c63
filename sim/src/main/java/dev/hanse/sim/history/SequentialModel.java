package dev.hanse.sim.history;

import java.util.Optional;

/**
 * What one object does when its operations come one after the other.
 *
 * @param <S> the object's state; equal states are interchangeable
 * @param <A> its actions with their answers
 */
public interface SequentialModel<S, A> {
  /** The state at the beginning. */
  S initial();

  /** The state after an action; empty if the action cannot have that answer in that state. */
  Optional<S> after(S state, A action);
}
