package dev.hanse.manager.forward;

import java.util.function.BooleanSupplier;

/** One direction of a forwarded call: asks for the next message when there is room for it. */
final class Flow {
  private final BooleanSupplier room;
  private final Runnable ask;
  private boolean waiting;

  /**
   * Creates a direction.
   *
   * @param room can the receiving side take another message now?
   * @param ask asks the sending side for one
   */
  Flow(BooleanSupplier room, Runnable ask) {
    this.room = room;
    this.ask = ask;
  }

  /** A message was passed on. */
  void passed() {
    synchronized (this) {
      if (!room.getAsBoolean()) {
        waiting = true;
        return;
      }
    }
    ask.run();
  }

  /** The receiving side has room again. */
  void ready() {
    synchronized (this) {
      if (!waiting) {
        return;
      }
      waiting = false;
    }
    ask.run();
  }
}
