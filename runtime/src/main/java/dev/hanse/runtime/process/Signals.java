package dev.hanse.runtime.process;

import dev.hanse.kernel.process.Signal;
import dev.hanse.runtime.RuntimeFault;
import java.util.Optional;

/** Signals as the user names them. */
public final class Signals {
  /** Asks a process to end. */
  public static final int TERMINATE = Signal.TERM.number();

  /** Ends a process. */
  public static final int KILL = Signal.KILL.number();

  private Signals() {}

  /** The number of {@code SIGTERM}, {@code term} or {@code 15}; empty if it is none. */
  public static Optional<Integer> parse(String signal) {
    return Signal.parse(signal).map(Signal::number);
  }

  /** As {@link #parse}; INVALID with Docker's text if it is none. */
  public static int number(String signal) {
    return parse(signal)
        .orElseThrow(
            () -> new RuntimeFault(RuntimeFault.Kind.INVALID, "Invalid signal: " + signal));
  }
}
