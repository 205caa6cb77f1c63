package dev.hanse.text;

/** Letters in small and large. */
public final class Letters {
  private Letters() {}

  /**
   * A text with A to Z made small and everything else as it is. For text from outside: {@link
   * String#toLowerCase} copies what it has so far for each dotted capital I, so that a long text of
   * them costs the square of its length.
   */
  public static String small(String text) {
    int first = 0;
    while (first < text.length() && !isCapital(text.charAt(first))) {
      first++;
    }
    if (first == text.length()) {
      return text;
    }
    char[] characters = text.toCharArray();
    for (int at = first; at < characters.length; at++) {
      if (isCapital(characters[at])) {
        characters[at] = (char) (characters[at] + ('a' - 'A'));
      }
    }
    return new String(characters);
  }

  private static boolean isCapital(char one) {
    return one >= 'A' && one <= 'Z';
  }
}
