package dev.hanse.kernel.process;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A signal (signal(7)); the numbers are those of x86-64 and AArch64.
 *
 * @param number 1 to 64
 */
public record Signal(int number) {
  /** In the order of their numbers, from 1. */
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private static final int REAL_TIME_MIN = 34;
  private static final int REAL_TIME_MAX = 64;
  private static final Map<String, Integer> NUMBERS = numbers();

  public static final Signal INT = new Signal(2);
  public static final Signal QUIT = new Signal(3);
  public static final Signal KILL = new Signal(9);
  public static final Signal TERM = new Signal(15);
  public static final Signal CONT = new Signal(18);
  public static final Signal STOP = new Signal(19);

  public Signal {
    if (number < 1 || number > REAL_TIME_MAX) {
      throw new IllegalArgumentException("no signal has the number " + number);
    }
  }

  private static Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < NAMES.size(); i++) {
      numbers.put(NAMES.get(i), i + 1);
    }
    numbers.put("IOT", 6);
    numbers.put("CLD", 17);
    numbers.put("POLL", 29);
    return numbers;
  }

  /**
   * Reads a signal as docker and kill(1) take it: {@code SIGTERM}, {@code TERM}, {@code term},
   * {@code 15}, {@code RTMIN+3}, {@code SIGRTMAX-1}. Empty if it is none.
   */
  public static Optional<Signal> parse(String text) {
    String name = text.strip().toUpperCase(Locale.ROOT);
    if (name.startsWith("SIG")) {
      name = name.substring(3);
    }
    Integer known = NUMBERS.get(name);
    if (known != null) {
      return Optional.of(new Signal(known));
    }
    if (name.startsWith("RTMIN")) {
      return realTime(REAL_TIME_MIN, name.substring(5), '+');
    }
    if (name.startsWith("RTMAX")) {
      return realTime(REAL_TIME_MAX, name.substring(5), '-');
    }
    return number(name).filter(found -> found > 0).map(Signal::new);
  }

  private static Optional<Signal> realTime(int base, String offset, char sign) {
    if (offset.isEmpty()) {
      return Optional.of(new Signal(base));
    }
    if (offset.charAt(0) != sign) {
      return Optional.empty();
    }
    return number(offset.substring(1))
        .map(found -> sign == '+' ? base + found : base - found)
        .filter(found -> found >= REAL_TIME_MIN && found <= REAL_TIME_MAX)
        .map(Signal::new);
  }

  private static Optional<Integer> number(String digits) {
    if (digits.isEmpty() || digits.length() > 2 || !digits.chars().allMatch(Signal::isDigit)) {
      return Optional.empty();
    }
    return Optional.of(Integer.valueOf(digits)).filter(found -> found <= REAL_TIME_MAX);
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }

  /** Its name, such as {@code SIGTERM} or {@code SIGRTMIN+3}. */
  public String name() {
    if (number <= NAMES.size()) {
      return "SIG" + NAMES.get(number - 1);
    }
    return number < REAL_TIME_MIN
        ? "signal " + number
        : "SIGRTMIN" + (number == REAL_TIME_MIN ? "" : "+" + (number - REAL_TIME_MIN));
  }

  @Override
  public String toString() {
    return name();
  }
}
