package dev.hanse.text;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every decoder of this module survives whatever it is given. */
@Tag("attack")
class TextGarbageTest {
  private static final Form FORM = Form.of("([a-z]+)+(-[0-9]{1,4})?", 300_000);

  private static final List<Trial.Decoder> DECODERS =
      List.of(
          Trial.total(
              "image name",
              ImageName::parse,
              "busybox",
              "registry.example.com:5000/team/app_x.y--z:1.0@sha256:" + "0a".repeat(32),
              "[::1]:5000/a/b"),
          Trial.total("form", FORM::fits, "abc-12", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
          Trial.total("duration", GoDuration::parse, "1h30m", "1.5s300ms"),
          Trial.total("letters", Letters::small, "Node.Labels.Zone"),
          Trial.total("digits", Digits::number, "123456789"),
          Trial.total(
              "shell pattern", ShellPattern::of, "*/[a-z]?b\\*[^a\\-z]", "*a*a*a*a*a*a*b", "[--a]"),
          Trial.total(
              "text behind a shell pattern",
              text -> ShellPattern.of("*a*a*/*a*a*[^b]*c").orElseThrow().matches(text),
              "aaaaaaaa/aaaaaaaaaaac"),
          Trial.total(
              "search pattern",
              SearchPattern::of,
              "^web\\.[0-9]{1,3}$",
              "(a|b)*c+?",
              "((a{30}){30}){30}",
              "\\Q[\\E(((a{9}){9}){9})",
              "[^])(a]{2}[[:alpha:]]\\pL\\x{41}",
              "(?i:(?P<x>a))"));

  @TestFactory
  Stream<DynamicTest> garbage_is_read_or_refused_in_linear_time() {
    return Trial.each(DECODERS);
  }

  @Test
  void the_trial_finds_quadratic_work_deep_recursion_and_wrong_failures() {
    assertThatThrownBy(
            () -> Trial.run(Trial.total("quadratic", TextGarbageTest::quadratic, "a"), 1))
        .hasStackTraceContaining("costs more than its length");
    assertThatThrownBy(() -> Trial.run(Trial.total("deep", text -> depth(text, 0), "a"), 1))
        .hasStackTraceContaining("StackOverflowError");
    assertThatThrownBy(() -> Trial.run(Trial.total("wrong", Integer::parseInt, "1"), 1))
        .hasStackTraceContaining("NumberFormatException");
    Trial.run(Trial.refusing(NumberFormatException.class, "right", Integer::parseInt, "1"), 1);
  }

  private static int quadratic(String text) {
    int sum = 0;
    for (int one = 0; one < text.length(); one++) {
      for (int other = 0; other < one; other++) {
        sum += text.charAt(one) ^ text.charAt(other);
      }
    }
    return sum;
  }

  private static int depth(String text, int at) {
    return at == text.length() ? 0 : 1 + depth(text, at + 1);
  }
}
