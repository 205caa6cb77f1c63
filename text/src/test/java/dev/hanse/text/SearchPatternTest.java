package dev.hanse.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SearchPatternTest {
  private static boolean found(String expression, String text) {
    return SearchPattern.of(expression) instanceof SearchPattern pattern && pattern.isFoundIn(text);
  }

  @Test
  void it_is_found_anywhere_unless_anchored() {
    assertThat(found("eb", "web.1")).isTrue();
    assertThat(found("^web", "web.1")).isTrue();
    assertThat(found("^eb", "web.1")).isFalse();
    assertThat(found("w[aeiou]b\\.\\d$", "web.1")).isTrue();
    assertThat(found("", "web")).isTrue();
  }

  @Test
  void what_is_none_says_why() {
    assertThat(SearchPattern.of("web(")).isInstanceOf(SearchPatternReading.Malformed.class);
    assertThat(SearchPattern.of("a**")).isInstanceOf(SearchPatternReading.Malformed.class);
    assertThat(SearchPattern.of("(a)\\1")).isInstanceOf(SearchPatternReading.Malformed.class);
  }

  @Test
  @Tag("attack")
  void bombs_are_refused_before_they_are_compiled() {
    for (String bomb :
        new String[] {
          "(a{1000}){1000}",
          "((((a{10}){10}){10}){10}){10}",
          "((a{1,100}){1,100})",
          "(a{1000}[)]){1000}",
          "\\Q[\\E(a{1000}){1000}]",
          "[^](](a{1000}){1000}",
          "(".repeat(200) + ")".repeat(200),
          "\\Q[\\E" + "(".repeat(200) + ")".repeat(200),
          "a".repeat(SearchPattern.LENGTH_MAX + 1)
        }) {
      assertThat(SearchPattern.of(bomb)).as(bomb).isInstanceOf(SearchPatternReading.TooLarge.class);
    }
    assertThat(SearchPattern.of("a".repeat(SearchPattern.LENGTH_MAX)))
        .isInstanceOf(SearchPattern.class);
    assertThat(SearchPattern.of("(a{30}){20}")).isInstanceOf(SearchPattern.class);
    assertThat(SearchPattern.of("[0-9a-f]{64}")).isInstanceOf(SearchPattern.class);
  }

  @Test
  @Tag("attack")
  void the_largest_that_are_taken_fit_on_a_small_stack() throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread small =
        new Thread(
            null,
            () -> {
              for (String large :
                  new String[] {
                    "a?".repeat(450) + "a{0,20}",
                    "(a|".repeat(100) + ")".repeat(100),
                    "(?:a?|".repeat(100) + ")".repeat(100),
                    "(".repeat(100) + "a*" + ")*".repeat(100),
                    ".*".repeat(400) + "#"
                  }) {
                assertThat(SearchPattern.of(large)).as(large).isInstanceOf(SearchPattern.class);
                found(large, "a".repeat(200));
              }
            },
            "small stack",
            256 << 10);
    small.setUncaughtExceptionHandler((thread, error) -> thrown.set(error));
    small.start();
    small.join();
    assertThat(thrown.get()).isNull();
  }
}
