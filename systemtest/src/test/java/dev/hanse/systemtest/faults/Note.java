package dev.hanse.systemtest.faults;

/**
 * What a thread did in a round.
 *
 * @param place where the thread is planned, CLASS:LINE
 */
public record Note(int round, Kind kind, String place, String thread) {
  /** What it did. */
  public enum Kind {
    /** Its turn threw what it was told to. */
    THREW,
    /** After that it was ready for the next, unless it was told to end. */
    WENT_ON,
    /** A turn after that went well. */
    WELL
  }

  /** One line. */
  String line() {
    return round + " " + kind + " " + place + " " + thread;
  }

  /** Reads {@link #line}; the thread's name may have spaces. */
  static Note parse(String line) {
    String[] words = line.split(" ", 4);
    return new Note(Integer.parseInt(words[0]), Kind.valueOf(words[1]), words[2], words[3]);
  }
}
