package dev.hanse.docker.image;

import dev.hanse.text.ShellPattern;
import dev.hanse.web.HttpFailure;

/** The shell patterns of {@code docker images --filter reference=…}. */
public final class ReferencePattern {
  private ReferencePattern() {}

  /**
   * Whether the pattern fits the name with its tag, or without.
   *
   * @throws HttpFailure 400 with Go's text if it is malformed
   */
  public static boolean matches(String pattern, String name) {
    ShellPattern read = parse(pattern);
    return read.matches(name) || read.matches(name.substring(0, name.lastIndexOf(':')));
  }

  /**
   * Reads a pattern.
   *
   * @throws HttpFailure 400 with Go's text if it is malformed
   */
  static ShellPattern parse(String pattern) {
    return ShellPattern.of(pattern)
        .orElseThrow(() -> HttpFailure.invalid("syntax error in pattern"));
  }
}
