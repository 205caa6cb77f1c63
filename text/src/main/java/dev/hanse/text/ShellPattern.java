package dev.hanse.text;

import java.util.Optional;

/**
 * A shell's pattern as Go's {@code path.Match} has it, which Docker uses: {@code *} is any run of
 * characters but '/', {@code ?} one of them, {@code [a-z]} and {@code [^a-z]} one of a set, and a
 * backslash takes what follows as it is. It costs at most the product of the two lengths: after a
 * mismatch only the last star is tried further on, since a star cannot cross a '/' and what stands
 * before the last one was matched as early as possible.
 */
public final class ShellPattern {
  /** Characters of a pattern. */
  public static final int LENGTH_MAX = 1_024;

  private final String pattern;

  private ShellPattern(String pattern) {
    this.pattern = pattern;
  }

  /** Reads a pattern; empty if it is malformed, whatever text it is meant for, or too long. */
  public static Optional<ShellPattern> of(String pattern) {
    if (pattern.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    for (int at = 0; at < pattern.length(); ) {
      int end = end(pattern, at);
      if (end < 0) {
        return Optional.empty();
      }
      at = end;
    }
    return Optional.of(new ShellPattern(pattern));
  }

  /** Whether it fits the whole text. */
  public boolean matches(String text) {
    int at = 0;
    int position = 0;
    int afterStar = -1;
    int starPosition = 0;
    while (true) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        at++;
        afterStar = at;
        starPosition = position;
        continue;
      }
      if (at == pattern.length() && position == text.length()) {
        return true;
      }
      if (at < pattern.length() && position < text.length() && fits(at, text.charAt(position))) {
        at = end(pattern, at);
        position++;
        continue;
      }
      if (afterStar < 0 || starPosition == text.length() || text.charAt(starPosition) == '/') {
        return false;
      }
      starPosition++;
      position = starPosition;
      at = afterStar;
    }
  }

  /** Where the element that begins at a place ends; negative if it is malformed. */
  private static int end(String pattern, int at) {
    return switch (pattern.charAt(at)) {
      case '\\' -> at + 1 < pattern.length() ? at + 2 : -1;
      case '[' -> endOfSet(pattern, at);
      default -> at + 1;
    };
  }

  /** A set has at least one range; '-' and ']' stand in it behind a backslash only. */
  private static int endOfSet(String pattern, int open) {
    int at = open + 1;
    if (at < pattern.length() && pattern.charAt(at) == '^') {
      at++;
    }
    int ranges = 0;
    while (true) {
      if (at < pattern.length() && pattern.charAt(at) == ']' && ranges > 0) {
        return at + 1;
      }
      at = endOfMember(pattern, at);
      if (at >= 0 && at < pattern.length() && pattern.charAt(at) == '-') {
        at = endOfMember(pattern, at + 1);
      }
      if (at < 0 || at >= pattern.length()) {
        return -1;
      }
      ranges++;
    }
  }

  private static int endOfMember(String pattern, int at) {
    if (at >= pattern.length() || pattern.charAt(at) == '-' || pattern.charAt(at) == ']') {
      return -1;
    }
    int character = pattern.charAt(at) == '\\' ? at + 1 : at;
    return character < pattern.length() ? character + 1 : -1;
  }

  /** Whether the element at a place of the pattern, which is no star, takes a character. */
  private boolean fits(int at, char character) {
    return switch (pattern.charAt(at)) {
      case '?' -> character != '/';
      case '[' -> fitsSet(at, character);
      case '\\' -> pattern.charAt(at + 1) == character;
      default -> pattern.charAt(at) == character;
    };
  }

  private boolean fitsSet(int open, char character) {
    int at = open + 1;
    boolean negated = pattern.charAt(at) == '^';
    if (negated) {
      at++;
    }
    boolean found = false;
    do {
      int low = pattern.charAt(at) == '\\' ? at + 1 : at;
      int high = low;
      at = low + 1;
      if (pattern.charAt(at) == '-') {
        high = pattern.charAt(at + 1) == '\\' ? at + 2 : at + 1;
        at = high + 1;
      }
      found |= pattern.charAt(low) <= character && character <= pattern.charAt(high);
    } while (pattern.charAt(at) != ']');
    return found != negated;
  }
}
