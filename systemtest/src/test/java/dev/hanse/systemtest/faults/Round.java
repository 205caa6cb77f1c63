package dev.hanse.systemtest.faults;

/**
 * What every thread of a daemon does once, in its next turn.
 *
 * @param number rounds follow one another: a thread that was in this one is not again
 * @param place where in the turn it throws
 * @param fault what it throws
 * @param threads whose turns
 */
public record Round(int number, Place place, Fault fault, Threads threads) {
  /** Nothing throws. */
  public static final Round NONE = new Round(0, Place.END, Fault.EXCEPTION, Threads.ALL);

  /** Where in a turn. */
  public enum Place {
    /** Before what it calls first: its work is not done. */
    BEGINNING,
    /** After all of its work. */
    END
  }

  /** What is thrown. */
  public enum Fault {
    EXCEPTION,
    ERROR;

    private static final String MESSAGE = "made by a test";

    /** Returns it to be thrown, or throws it. */
    RuntimeException raise() {
      return switch (this) {
        case EXCEPTION -> new IllegalStateException(MESSAGE);
        case ERROR -> throw new StackOverflowError(MESSAGE);
      };
    }
  }

  /** Whose turns. */
  public enum Threads {
    /** All that go on after a fault. */
    ALL,
    /** The control loop, which gives up: its steps' faults never come that far. */
    CONTROL;

    private static final String CONTROL_NAME = "hanse-control";

    boolean has(String thread) {
      return thread.equals(CONTROL_NAME) == (this == CONTROL);
    }
  }

  /** One line. */
  String line() {
    return number + " " + place + " " + fault + " " + threads;
  }

  /** Reads {@link #line}. */
  static Round parse(String line) {
    String[] words = line.strip().split(" ", -1);
    return new Round(
        Integer.parseInt(words[0]),
        Place.valueOf(words[1]),
        Fault.valueOf(words[2]),
        Threads.valueOf(words[3]));
  }
}
