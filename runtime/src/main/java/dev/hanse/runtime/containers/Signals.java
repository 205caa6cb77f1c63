package dev.hanse.runtime.containers;

import dev.hanse.runtime.RuntimeFault;
import java.util.List;
import java.util.Locale;

/** Linux signals by name, signal(7). */
public final class Signals {
  /** Asks a process to end. */
  public static final int TERMINATE = 15;

  /** Ends a process. */
  public static final int KILL = 9;

  private static final int REALTIME_FIRST = 34;
  private static final int REALTIME_LAST = 64;
  private static final List<String> BY_NUMBER =
      List.of(
          "HUP",
          "INT",
          "QUIT",
          "ILL",
          "TRAP",
          "ABRT",
          "BUS",
          "FPE",
          "KILL",
          "USR1",
          "SEGV",
          "USR2",
          "PIPE",
          "ALRM",
          "TERM",
          "STKFLT",
          "CHLD",
          "CONT",
          "STOP",
          "TSTP",
          "TTIN",
          "TTOU",
          "URG",
          "XCPU",
          "XFSZ",
          "VTALRM",
          "PROF",
          "WINCH",
          "IO",
          "PWR",
          "SYS");

  private Signals() {}

  /**
   * The number of {@code SIGTERM}, {@code term}, {@code RTMIN+3} or {@code 15}.
   *
   * @throws RuntimeFault INVALID with Docker's text
   */
  public static int number(String signal) {
    String upper = signal.strip().toUpperCase(Locale.ROOT);
    String bare = upper.startsWith("SIG") ? upper.substring("SIG".length()) : upper;
    int index = BY_NUMBER.indexOf(bare);
    if (index >= 0) {
      return index + 1;
    }
    try {
      int number = numeric(bare);
      if (number > 0 && number <= REALTIME_LAST) {
        return number;
      }
    } catch (NumberFormatException unknown) {
      throw invalid(signal);
    }
    throw invalid(signal);
  }

  private static int numeric(String bare) {
    if (bare.startsWith("RTMIN")) {
      return REALTIME_FIRST + offset(bare.substring("RTMIN".length()));
    }
    if (bare.startsWith("RTMAX")) {
      return REALTIME_LAST + offset(bare.substring("RTMAX".length()));
    }
    return Integer.parseInt(bare);
  }

  private static int offset(String text) {
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  private static RuntimeFault invalid(String signal) {
    return new RuntimeFault(RuntimeFault.Kind.INVALID, "Invalid signal: " + signal);
  }
}
