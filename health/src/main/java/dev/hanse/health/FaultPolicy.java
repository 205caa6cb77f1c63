package dev.hanse.health;

import java.util.function.Consumer;

/** What an {@link OwnerThread} does after a turn that threw something, whatever it was. */
public sealed interface FaultPolicy {

  /** Goes on with the next turn: one event's fault leaves the state whole. */
  static FaultPolicy goOn() {
    return new GoOn();
  }

  /** Makes the state anew and goes on: a turn that is broken off leaves it half changed. */
  static FaultPolicy rebuild(Rebuilding rebuilding) {
    return new Rebuild(rebuilding);
  }

  /**
   * Says so and ends: nobody could trust what it would do next.
   *
   * @param last told what it was, on the thread, before that ends
   */
  static FaultPolicy giveUp(Consumer<Throwable> last) {
    return new GiveUp(last);
  }

  /** Makes a thread's state anew; what it throws is a fault again, and it is called again. */
  @FunctionalInterface
  interface Rebuilding {
    void rebuild() throws Exception;
  }

  /** See {@link #goOn}. */
  record GoOn() implements FaultPolicy {}

  /** See {@link #rebuild}. */
  record Rebuild(Rebuilding rebuilding) implements FaultPolicy {}

  /** See {@link #giveUp}. */
  record GiveUp(Consumer<Throwable> last) implements FaultPolicy {}
}
