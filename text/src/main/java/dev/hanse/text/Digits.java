package dev.hanse.text;

import java.util.OptionalInt;
import java.util.OptionalLong;

/** Decimal digits 0 to 9 and nothing else: no sign, no space, no digits of other scripts. */
public final class Digits {
  private static final int INT_DIGITS_MAX = 9;
  private static final int LONG_DIGITS_MAX = 18;

  private Digits() {}

  /** Whether a text is one digit or more, at most so many. */
  public static boolean are(String text, int digitsMax) {
    return are(text, 1, digitsMax);
  }

  /** Whether a text consists of digits, so many at least and at most. */
  public static boolean are(String text, int digitsMin, int digitsMax) {
    if (text.length() < digitsMin || text.length() > digitsMax) {
      return false;
    }
    for (int at = 0; at < text.length(); at++) {
      if (text.charAt(at) < '0' || text.charAt(at) > '9') {
        return false;
      }
    }
    return true;
  }

  /** The number that up to nine digits mean. */
  public static OptionalInt number(String text) {
    return are(text, INT_DIGITS_MAX) ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
  }

  /** The number that up to eighteen digits mean. */
  public static OptionalLong longNumber(String text) {
    return are(text, LONG_DIGITS_MAX)
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  /** Whether a text consists of small hexadecimal digits, exactly so many. */
  public static boolean areHex(String text, int digits) {
    return text.length() == digits && areHex(text);
  }

  /** Whether a text consists of small hexadecimal digits. */
  public static boolean areHex(String text) {
    for (int at = 0; at < text.length(); at++) {
      char digit = text.charAt(at);
      if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
