package dev.hanse.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void a_terminal_and_a_log_are_not_commanded_by_a_text_of_others() {
    assertThat(Printable.line("a\u001b[2Jb\r\nWARN c\u0007\u009b1m", 100))
        .isEqualTo("a [2Jb  WARN c  1m");
    assertThat(Printable.lines("a\u001b[2Jb\r\n\tc", 100)).isEqualTo("a [2Jb \n\tc");
  }

  @Test
  void what_is_harmless_stays_as_it_is() {
    String text = "größer 🐳 als 1";
    assertThat(Printable.line(text, 100)).isSameAs(text);
  }

  @Test
  void no_more_than_the_limit_is_kept_and_no_letter_is_cut_in_two() {
    assertThat(Printable.line("🐳🐳🐳", 2)).isEqualTo("🐳🐳");
    assertThat(Printable.line("abc", 2)).isEqualTo("ab");
  }
}
