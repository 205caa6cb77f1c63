package dev.hanse.docker.engine;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/** The shell patterns of {@code docker images --filter reference=…}. */
final class ReferencePattern {
  private ReferencePattern() {}

  /** Whether the pattern fits one of the names, or one without its tag. */
  static boolean matches(String pattern, List<String> tags) {
    try {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      return tags.stream()
          .anyMatch(
              tag ->
                  matcher.matches(Path.of(tag))
                      || matcher.matches(Path.of(tag.substring(0, tag.lastIndexOf(':')))));
    } catch (PatternSyntaxException malformed) {
      return false;
    }
  }
}
