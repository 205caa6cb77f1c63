package dev.hanse.text;

/** What came of reading a user's regular expression. */
public sealed interface SearchPatternReading
    permits SearchPattern, SearchPatternReading.Malformed, SearchPatternReading.TooLarge {
  /**
   * It is none.
   *
   * @param reason what the parser says, as "missing closing )"
   */
  record Malformed(String reason) implements SearchPatternReading {}

  /**
   * It is more than a user may ask for.
   *
   * @param reason which bound it exceeds
   */
  record TooLarge(String reason) implements SearchPatternReading {}
}
