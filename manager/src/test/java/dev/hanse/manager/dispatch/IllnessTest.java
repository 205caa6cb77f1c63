package dev.hanse.manager.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class IllnessTest {
  @Test
  @Tag("attack")
  void what_a_node_says_is_kept_as_one_line_of_limited_length() {
    String limit = "x".repeat(Illness.CHARS_MAX);
    assertThat(Illness.of(limit)).isEqualTo(limit);
    assertThat(Illness.of(limit + "y")).isEqualTo(limit);
    String wide = "\ud83d\udc33";
    assertThat(Illness.of(wide.repeat(Illness.CHARS_MAX + 1)))
        .isEqualTo(wide.repeat(Illness.CHARS_MAX));
    assertThat(Illness.of("a\nb\u001b]0;c\u0007")).isEqualTo("a b ]0;c ");
    assertThat(Illness.of("")).isEmpty();
  }
}
