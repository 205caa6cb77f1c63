package dev.hanse.text;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression that a user wrote, to be found anywhere in a text. The engine is RE2's, as
 * Docker's is: a search costs the length of the text times {@link #size()}. Both the expression and
 * what it grows to are bounded before it is compiled.
 */
public final class SearchPattern implements SearchPatternReading {
  /** Characters of an expression. */
  public static final int LENGTH_MAX = 1_024;

  /** Instructions that an expression may grow to: {@code (a{30}){30}} is 900. */
  public static final int SIZE_MAX = 2_000;

  private static final String SIGNIFICANT = "\\.+*?()|[]{}^$";

  private final String expression;
  private final @Nullable Pattern pattern;

  private SearchPattern(String expression, @Nullable Pattern pattern) {
    this.expression = expression;
    this.pattern = pattern;
  }

  /** Reads an expression in RE2's syntax, which is Go's. */
  public static SearchPatternReading of(String expression) {
    if (expression.length() > LENGTH_MAX) {
      return new SearchPatternReading.TooLarge(
          "the expression is longer than " + LENGTH_MAX + " characters");
    }
    if (expression.chars().noneMatch(character -> SIGNIFICANT.indexOf(character) >= 0)) {
      return new SearchPattern(expression, null);
    }
    ExpressionBounds bounds = ExpressionBounds.of(expression);
    if (bounds.size() > SIZE_MAX || bounds.depth() > ExpressionBounds.DEPTH_MAX) {
      return new SearchPatternReading.TooLarge("the expression is too large");
    }
    try {
      Pattern compiled = Pattern.compile(expression);
      return compiled.programSize() > SIZE_MAX
          ? new SearchPatternReading.TooLarge("the expression is too large")
          : new SearchPattern(expression, compiled);
    } catch (PatternSyntaxException malformed) {
      return new SearchPatternReading.Malformed(malformed.getDescription());
    }
  }

  /** Whether some part of the text has the form. */
  public boolean isFoundIn(String text) {
    return pattern == null ? text.contains(expression) : pattern.matcher(text).find();
  }

  /** Steps for a character in the worst case; 1 for an expression without any special character. */
  public int size() {
    return pattern == null ? 1 : pattern.programSize();
  }
}
