package dev.hanse.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hanse.docker.image.ReferencePattern;
import dev.hanse.docker.protocol.Filters;
import dev.hanse.docker.protocol.Timestamps;
import dev.hanse.text.Trial;
import dev.hanse.web.HttpFailure;
import dev.hanse.web.Json;
import dev.hanse.web.Query;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The API's decoders of text survive whatever they are given. */
@Tag("attack")
class TextGarbageTest {
  private static final List<Trial.Decoder> DECODERS =
      List.of(
          Trial.refusing(
              HttpFailure.class,
              "time",
              Timestamps::parse,
              "1700000000.5",
              "1h30m",
              "2026-01-02T03:04:05+01:00",
              "2026-01-02"),
          Trial.refusing(
              HttpFailure.class, "query", Query::parse, "all=1&filters=%7B%7D&size=true"),
          Trial.refusing(
              HttpFailure.class,
              "filters",
              Filters::parse,
              "{\"name\":{\"a\":true},\"label\":[\"x=y\"]}",
              "[[[["),
          Trial.refusing(
              HttpFailure.class,
              "a filter's expression",
              text -> searched(text, "web.1"),
              "^web[.][0-9]+$",
              ".*.*#",
              "(a|aa)+$"),
          Trial.refusing(
              HttpFailure.class,
              "text behind a filter",
              text -> searched("(a|aa)+.*.*#$", text),
              "aaaaaaaa"),
          Trial.refusing(
              HttpFailure.class,
              "reference pattern",
              text -> ReferencePattern.matches(text, "team/app:1.0"),
              "*/a*:[0-9].?"));

  @TestFactory
  Stream<DynamicTest> garbage_is_read_or_refused_in_linear_time() {
    return Trial.each(DECODERS);
  }

  private static boolean searched(String pattern, String text) {
    ObjectNode filters = Json.object();
    filters.putArray("name").add(pattern);
    return Filters.parse(filters.toString()).search("name", text);
  }

  @Test
  void filters_are_bounded_in_fields_values_and_what_their_expressions_cost() {
    ObjectNode fields = Json.object();
    for (int field = 0; field < 100; field++) {
      fields.putArray("field" + field).add("x");
    }
    Filters.parse(fields.toString());
    fields.putArray("one more").add("x");
    assertThatThrownBy(() -> Filters.parse(fields.toString())).hasMessageContaining("100 fields");

    ObjectNode values = Json.object();
    for (int value = 0; value < 1_000; value++) {
      values.withArray("name").add("web" + value);
    }
    assertThat(Filters.parse(values.toString()).search("name", "a web999 b")).isTrue();
    values.withArray("name").add("x");
    assertThatThrownBy(() -> Filters.parse(values.toString())).hasMessageContaining("1000 values");

    ObjectNode large = Json.object();
    for (int value = 0; value < 3; value++) {
      large.withArray("name").add("a{900}" + ".*".repeat(250 + value) + "#");
    }
    assertThatThrownBy(() -> Filters.parse(large.toString()).search("name", "x"))
        .isInstanceOf(HttpFailure.class)
        .hasMessageContaining("too large");
    assertThat(searched("web(", "web(")).isTrue();
    assertThat(searched("web(", "web(1")).isFalse();
  }
}
