package dev.hanse.runtime.containers;

import dev.hanse.kernel.process.Signal;
import dev.hanse.runtime.RuntimeFault;

/** Signals as the user names them. */
final class Signals {
  static final int TERMINATE = Signal.TERM.number();
  static final int KILL = Signal.KILL.number();

  private Signals() {}

  /** The number of {@code SIGTERM}, {@code term} or {@code 15}; INVALID with Docker's text. */
  static int number(String signal) {
    return Signal.parse(signal)
        .map(Signal::number)
        .orElseThrow(
            () -> new RuntimeFault(RuntimeFault.Kind.INVALID, "Invalid signal: " + signal));
  }
}
