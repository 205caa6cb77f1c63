package dev.hanse.sim.world;

import dev.hanse.sim.time.Machine;

/** Something that is to be done at the earliest time that was asked for since it was last done. */
final class Alarm {
  private final Machine machine;
  private final Runnable action;
  private long due = Long.MAX_VALUE;

  Alarm(Machine machine, Runnable action) {
    this.machine = machine;
    this.action = action;
  }

  void ring(long inNanos) {
    long at = machine.nanos() + inNanos;
    if (at < due) {
      due = at;
      machine.after(
          inNanos,
          () -> {
            if (at == due) {
              due = Long.MAX_VALUE;
              action.run();
            }
          });
    }
  }
}
