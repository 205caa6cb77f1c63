package dev.hanse.docker.protocol;

import dev.hanse.text.SearchPattern;
import dev.hanse.text.SearchPatternReading.Malformed;
import dev.hanse.text.SearchPatternReading.TooLarge;
import dev.hanse.web.HttpFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The values of one filter that are regular expressions, compiled once for a request and bounded in
 * total. What is no expression fits what is equal to it, as in Docker.
 */
final class SearchFilter {
  /** Steps for each character that is searched, for all expressions of a field together. */
  static final int SIZE_MAX = 4_000;

  /** From here on a list lets others use the processor after each of its entries. */
  private static final int SIZE_POLITE = 100;

  private final Set<String> values;
  private final List<SearchPattern> patterns;
  private final int size;

  private SearchFilter(Set<String> values, List<SearchPattern> patterns, int size) {
    this.values = values;
    this.patterns = patterns;
    this.size = size;
  }

  /**
   * Compiles.
   *
   * @throws HttpFailure 400 if they are too large
   */
  static SearchFilter of(String field, Set<String> values) {
    List<SearchPattern> patterns = new ArrayList<>();
    int size = 0;
    for (String value : values) {
      switch (SearchPattern.of(value)) {
        case SearchPattern pattern -> {
          patterns.add(pattern);
          size += pattern.size();
        }
        case Malformed _ -> {} // It fits what is equal to it.
        case TooLarge(String reason) -> throw tooLarge(field, reason);
      }
      if (size > SIZE_MAX) {
        throw tooLarge(field, "the expressions together are too large");
      }
    }
    return new SearchFilter(values, patterns, size);
  }

  private static HttpFailure tooLarge(String field, String reason) {
    return HttpFailure.invalid("invalid filter '" + field + "': " + reason);
  }

  /** Whether there are no values, or one of them fits one of the texts. */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but how long others wait
  boolean fits(String... texts) {
    if (values.isEmpty()) {
      return true;
    }
    for (String text : texts) {
      if (values.contains(text) || patterns.stream().anyMatch(pattern -> pattern.isFoundIn(text))) {
        return true;
      }
    }
    if (size > SIZE_POLITE) {
      Thread.yield();
    }
    return false;
  }
}
