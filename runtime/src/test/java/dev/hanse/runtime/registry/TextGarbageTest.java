package dev.hanse.runtime.registry;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.content.Reference;
import dev.hanse.text.Trial;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** What registries and users say survives no trial but its own refusal. */
@Tag("attack")
class TextGarbageTest {
  private static final List<Trial.Decoder> DECODERS =
      List.of(
          Trial.refusing(
              RuntimeFault.class,
              "image reference",
              Reference::parse,
              "busybox:latest",
              "reg.example:5000/a/b@sha256:" + "0a".repeat(32)),
          Trial.total(
              "challenge",
              text -> Challenge.read(List.of(text)),
              "Bearer realm=\"https://auth.example/token\",service=\"reg\",scope=\"a:b:pull\"",
              "Basic realm=x"));

  @TestFactory
  Stream<DynamicTest> garbage_is_read_or_refused_in_linear_time() {
    return Trial.each(DECODERS);
  }
}
