package dev.hanse.endpoints;

import dev.hanse.text.Trial;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The decoders of addresses survive whatever they are given. */
@Tag("attack")
class TextGarbageTest {
  private static final List<Trial.Decoder> DECODERS =
      List.of(
          Trial.total("MAC address", MacAddress::parse, "02:0a:00:00:00:01"),
          Trial.total("address", Ipv4Address::parse, "10.0.1.7"),
          Trial.total("subnet", Ipv4Subnet::parse, "10.0.1.7/24"));

  @TestFactory
  Stream<DynamicTest> garbage_is_read_or_refused_in_linear_time() {
    return Trial.each(DECODERS);
  }
}
