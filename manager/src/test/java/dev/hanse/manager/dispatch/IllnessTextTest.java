package dev.hanse.manager.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class IllnessTextTest {
  @Test
  @Tag("attack")
  void what_a_node_says_is_kept_as_one_line_of_limited_length() {
    String limit = "x".repeat(IllnessText.CHARS_MAX);
    assertThat(IllnessText.of(limit)).isEqualTo(limit);
    assertThat(IllnessText.of(limit + "y")).isEqualTo(limit);
    String wide = "\ud83d\udc33";
    assertThat(IllnessText.of(wide.repeat(IllnessText.CHARS_MAX + 1)))
        .isEqualTo(wide.repeat(IllnessText.CHARS_MAX));
    assertThat(IllnessText.of("a\nb\u001b]0;c\u0007")).isEqualTo("a b ]0;c ");
    assertThat(IllnessText.of("")).isEmpty();
  }
}
