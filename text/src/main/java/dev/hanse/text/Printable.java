package dev.hanse.text;

/**
 * Texts of others as they may be shown: in an error that a terminal prints, in a line of the log,
 * in what every manager keeps.
 */
public final class Printable {
  private Printable() {}

  /**
   * One line: control characters, which could move a cursor or begin a line of their own, are
   * spaces.
   *
   * @param lengthMax code points of it that are kept
   */
  public static String line(String text, int lengthMax) {
    return kept(text, lengthMax, false);
  }

  /** The same with its line ends and tabs. */
  public static String lines(String text, int lengthMax) {
    return kept(text, lengthMax, true);
  }

  private static String kept(String text, int lengthMax, boolean lineEnds) {
    if (text.length() <= lengthMax && text.chars().noneMatch(one -> isHidden(one, lineEnds))) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(lengthMax)
        .map(one -> isHidden(one, lineEnds) ? ' ' : one)
        .forEach(shown::appendCodePoint);
    return shown.toString();
  }

  private static boolean isHidden(int one, boolean lineEnds) {
    return Character.isISOControl(one) && !(lineEnds && (one == '\n' || one == '\t'));
  }
}
