package dev.hanse.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Meaning: the documentation of Go's path.Match. */
class ShellPatternTest {
  @ParameterizedTest
  @CsvSource({
    "abc, abc, true",
    "*, abc, true",
    "*, a/b, false",
    "*c, abc, true",
    "a*, a, true",
    "a*, ab/c, false",
    "a*/b, abc/b, true",
    "a*/b, a/c/b, false",
    "a*b*c*d*e*/f, axbxcxdxe/f, true",
    "a*b*c*d*e*/f, axbxcxdxexxx/fff, false",
    "a*b?c*x, abxbbxdbxebxczzx, true",
    "a*b?c*x, abxbbxdbxebxczzy, false",
    "ab[c], abc, true",
    "ab[b-d], abc, true",
    "ab[e-g], abc, false",
    "ab[^c], abc, false",
    "ab[^e-g], abc, true",
    "a\\*b, a*b, true",
    "a\\*b, ab, false",
    "a???b, abc, false",
    "a[^a]b, a/b, true",
    "[\\]a], ], true",
    "[x\\-], -, true",
    "a?b, a/b, false",
    "busybox:*, busybox:latest, true",
    "*/*, team/app, true",
  })
  void it_means_what_go_means(String pattern, String text, boolean matches) {
    assertThat(ShellPattern.of(pattern).orElseThrow().matches(text)).isEqualTo(matches);
  }

  @Test
  void what_is_malformed_is_so_for_every_text() {
    for (String pattern :
        new String[] {"[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "\\"}) {
      assertThat(ShellPattern.of(pattern)).as(pattern).isEmpty();
    }
    assertThat(ShellPattern.of("a".repeat(ShellPattern.LENGTH_MAX))).isPresent();
    assertThat(ShellPattern.of("a".repeat(ShellPattern.LENGTH_MAX + 1))).isEmpty();
  }
}
