package dev.hanse.control;

import dev.hanse.control.allocator.Subnet;
import dev.hanse.control.orchestrator.Disconnect;
import dev.hanse.control.scheduler.Constraint;
import dev.hanse.text.Trial;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The deciders' decoders of text survive whatever they are given. */
@Tag("attack")
class TextGarbageTest {
  private static final List<Trial.Decoder> DECODERS =
      List.of(
          Trial.total("subnet", Subnet::parse, "10.0.1.0/24"),
          Trial.total("address", Subnet::parseAddressOf, "10.0.1.7/24"),
          Trial.total("disconnect", Disconnect::parse, "keep:1h30m", "replace"),
          Trial.total(
              "constraint",
              text -> Constraint.parse(List.of(text)),
              "node.labels.zone==eu-1",
              "node.ip!=10.0.0.0/8"));

  @TestFactory
  Stream<DynamicTest> garbage_is_read_or_refused_in_linear_time() {
    return Trial.each(DECODERS);
  }
}
