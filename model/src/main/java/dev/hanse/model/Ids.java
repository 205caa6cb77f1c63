package dev.hanse.model;

import java.math.BigInteger;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Identifiers of cluster objects: 25 characters of base 36, as swarmkit draws them. */
public final class Ids {
  /** Length of every id, in characters. */
  public static final int LENGTH = 25;

  private static final int RADIX = 36;

  /** Bits of entropy: the largest whole number of bytes that always fits 25 base 36 digits. */
  private static final int BITS = 128;

  private Ids() {}

  /** Draws an id; the caller owns the source, so deciders stay repeatable. */
  public static String random(RandomGenerator random) {
    byte[] bytes = new byte[BITS / 8];
    random.nextBytes(bytes);
    String digits = new BigInteger(1, bytes).toString(RADIX);
    return "0".repeat(LENGTH - digits.length()) + digits;
  }

  /** Whether {@code text} has the form of an id; a name may have it too. */
  public static boolean isId(String text) {
    return text.length() == LENGTH
        && text.equals(text.toLowerCase(Locale.ROOT))
        && text.chars().allMatch(c -> Character.digit(c, RADIX) >= 0 && c < 128);
  }
}
