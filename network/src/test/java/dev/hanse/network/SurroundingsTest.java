package dev.hanse.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.endpoints.Ipv4Subnet;
import dev.hanse.model.ForeignSubnet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which bridges would cut a host off from something. */
class SurroundingsTest {
  private static final Surroundings HOST =
      new Surroundings(
          subnets("10.0.0.7/24", "127.0.0.1/8", "10.0.0.9/24"),
          subnets("0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/24", "172.16.0.0/12", "10.9.8.7/32"));

  private static List<Ipv4Subnet> subnets(String... texts) {
    return List.of(texts).stream().map(Ipv4Subnet::of).toList();
  }

  @Test
  void whatTheHostIsOnIsNeverHidden() {
    for (String bridge : List.of("10.0.0.1/24", "10.0.0.129/25", "10.0.0.1/16")) {
      assertThat(HOST.hiddenBy(Ipv4Subnet.of(bridge)))
          .hasValueSatisfying(
              text -> assertThat(text).contains("10.0.0.0/24, which this host is on"));
    }
    assertThat(HOST.hiddenBy(Ipv4Subnet.of("10.0.1.1/24"))).isEmpty();
  }

  @Test
  void aPartOfARouteMayBeTakenAndNoWholeOne() {
    assertThat(HOST.hiddenBy(Ipv4Subnet.of("172.20.0.1/16"))).isEmpty();
    assertThat(HOST.hiddenBy(Ipv4Subnet.of("172.16.0.1/12")))
        .hasValue(
            "subnet 172.16.0.0/12 conflicts with 172.16.0.0/12, which this host has a route to");
    assertThat(HOST.hiddenBy(Ipv4Subnet.of("10.9.8.1/24"))).isPresent();
  }

  @Test
  void defaultRoutesAndLoopbackAreNobodysNetwork() {
    assertThat(HOST.overlaps(Ipv4Subnet.of("198.51.100.0/24"))).isFalse();
    assertThat(HOST.overlaps(Ipv4Subnet.of("172.20.0.0/16"))).isTrue();
    assertThat(HOST.toMessages())
        .containsExactly(
            message("10.0.0.0/24", false),
            message("172.16.0.0/12", true),
            message("10.9.8.7/32", true));
  }

  private static ForeignSubnet message(String subnet, boolean routed) {
    return ForeignSubnet.newBuilder().setSubnet(subnet).setRouted(routed).build();
  }
}
