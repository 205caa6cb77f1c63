package dev.hanse.control.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.0", "10.0.0/24", "10.0.0.256/24", "10.0.0.0/33", "a/24", "/24", ""})
  void whatIsNoSubnetIsNotRead(String text) {
    assertThat(Subnet.parse(text)).isEmpty();
  }

  @Test
  void hostBitsAreDropped() {
    Subnet subnet = Subnet.parse("192.168.17.5/20").orElseThrow();
    assertThat(subnet).hasToString("192.168.16.0/20");
    assertThat(subnet.size()).isEqualTo(4096);
    assertThat(Subnet.format(subnet.last())).isEqualTo("192.168.31.255");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,10.200.0.0/16,true",
    "10.200.0.0/16,10.0.0.0/8,true",
    "10.0.0.0/24,10.0.1.0/24,false",
    "255.255.255.0/24,0.0.0.0/0,true"
  })
  void subnetsOverlapWhenOneHoldsTheOther(String one, String other, boolean overlap) {
    assertThat(Subnet.parse(one).orElseThrow().overlaps(Subnet.parse(other).orElseThrow()))
        .isEqualTo(overlap);
  }
}
