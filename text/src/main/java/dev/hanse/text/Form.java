package dev.hanse.text;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;

/**
 * A form that text from outside must have as a whole, written by us as a regular expression. The
 * engine is RE2's: it never goes back, so a text costs its length times the size of the form,
 * whatever it says. Longer text than the form allows is not looked at.
 */
public final class Form {
  private final Pattern pattern;
  private final int lengthMax;

  private Form(Pattern pattern, int lengthMax) {
    this.pattern = pattern;
    this.lengthMax = lengthMax;
  }

  /**
   * A form that is a constant of the program.
   *
   * @param expression in RE2's syntax, which has no references back and no look around
   * @param lengthMax in characters
   */
  public static Form of(String expression, int lengthMax) {
    return new Form(Pattern.compile(expression), lengthMax);
  }

  /** Whether the whole text has the form. */
  public boolean fits(String text) {
    return text.length() <= lengthMax && pattern.matcher(text).matches();
  }

  /** The parts of a text that has the form as a whole. */
  public Optional<Parts> read(String text) {
    if (text.length() > lengthMax) {
      return Optional.empty();
    }
    Matcher matcher = pattern.matcher(text);
    return matcher.matches() ? Optional.of(new Parts(matcher)) : Optional.empty();
  }

  /** What the groups of a form hold, counted from 1. */
  public static final class Parts {
    private final Matcher matcher;

    private Parts(Matcher matcher) {
      this.matcher = matcher;
    }

    /** A group that is part of every text of the form. */
    public String part(int group) {
      return optional(group).orElseThrow();
    }

    /** A group that a text may lack. */
    public Optional<String> optional(int group) {
      return Optional.ofNullable(matcher.group(group));
    }
  }
}
