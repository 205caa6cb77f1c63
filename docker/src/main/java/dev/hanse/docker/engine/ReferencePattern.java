package dev.hanse.docker.engine;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.regex.PatternSyntaxException;

/** The shell patterns of {@code docker images --filter reference=…}. */
final class ReferencePattern {
  private ReferencePattern() {}

  /** Whether the pattern fits the name with its tag, or without. */
  static boolean matches(String pattern, String name) {
    try {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      return matcher.matches(Path.of(name))
          || matcher.matches(Path.of(name.substring(0, name.lastIndexOf(':'))));
    } catch (PatternSyntaxException malformed) {
      return false;
    }
  }
}
