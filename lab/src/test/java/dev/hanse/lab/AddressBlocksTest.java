package dev.hanse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AddressBlocksTest {
  private static final String TITLE =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";

  @Test
  void routes_into_a_part_of_ten_use_their_block() {
    List<String> lines =
        List.of(
            TITLE,
            "eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            "hanse-lab210\t0000D20A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
            "docker0\t0000110A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
            "eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0");
    assertThat(AddressBlocks.usedByRoutes(lines)).containsExactlyInAnyOrder(0xd2, 0x11);
  }

  @Test
  void a_wide_route_such_as_that_of_a_private_network_uses_none() {
    List<String> lines =
        List.of(TITLE, "tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0");
    assertThat(AddressBlocks.usedByRoutes(lines)).isEmpty();
  }
}
