package dev.hanse.agent;

import dev.hanse.agent.log.LogOptions;
import dev.hanse.text.Trial;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The node's decoders of text survive whatever they are given. */
@Tag("attack")
class TextGarbageTest {
  private static final List<Trial.Decoder> DECODERS =
      List.of(
          Trial.refusing(
              IllegalArgumentException.class,
              "log size",
              text -> LogOptions.of("json-file", Map.of("max-size", text)),
              "10 mb",
              "1g"),
          Trial.refusing(
              IllegalArgumentException.class,
              "log files",
              text -> LogOptions.of("json-file", Map.of("max-file", text)),
              "3"));

  @TestFactory
  Stream<DynamicTest> garbage_is_read_or_refused_in_linear_time() {
    return Trial.each(DECODERS);
  }
}
