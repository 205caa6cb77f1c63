package dev.hanse.kernel.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.kernel.network.ForwardingEntry;
import dev.hanse.kernel.network.MacAddress;
import dev.hanse.kernel.network.Neighbour;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Vxlan;
import java.net.InetAddress;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class VxlanTest {
  private static final int ID = 4097;
  private static final MacAddress LEFT_MAC = MacAddress.parse("02:48:0a:00:00:01");
  private static final MacAddress RIGHT_MAC = MacAddress.parse("02:48:0a:00:00:02");

  /** A bridge with a VXLAN port over eth0; the bridge has the overlay address, learning is off. */
  private static void overlay(TestHost host, String underlay, String address, MacAddress mac) {
    Vxlan vxlan =
        Vxlan.of(ID, 4789)
            .withLocal(InetAddress.ofLiteral(underlay))
            .withDontFragment(Vxlan.DontFragment.SET)
            .withTtl(64);
    host.netlink().apply(Links.add(NewLink.bridge("overlay").withMac(mac).withMtu(1450).withUp()));
    host.netlink()
        .apply(
            Links.add(
                NewLink.vxlan("tunnel", vxlan)
                    .withMtu(1450)
                    .withMaster(host.index("overlay"))
                    .withAlias("overlay tunnel")
                    .withUp()));
    host.address("overlay", address);
    host.netlink().apply(BridgePorts.set(host.index("tunnel"), BridgePorts.Option.LEARNING, false));
    assertThat(host.netlink().link("tunnel").orElseThrow())
        .satisfies(link -> assertThat(link.vxlan()).contains(vxlan))
        .satisfies(
            link -> assertThat(link.master()).isEqualTo(OptionalInt.of(host.index("overlay"))))
        .satisfies(link -> assertThat(link.alias()).contains("overlay tunnel"));
  }

  private static void knows(TestHost host, String address, MacAddress mac, String underlay) {
    int tunnel = host.index("tunnel");
    InetAddress outer = InetAddress.ofLiteral(underlay);
    Neighbour neighbour = Neighbour.of(host.index("overlay"), InetAddress.ofLiteral(address), mac);
    ForwardingEntry entry = ForwardingEntry.ofVxlan(tunnel, mac, outer);
    ForwardingEntry bridgeEntry = ForwardingEntry.ofBridge(tunnel, mac);
    host.netlink()
        .apply(
            Neighbours.replace(neighbour),
            ForwardingEntries.replace(entry),
            ForwardingEntries.replace(bridgeEntry));
    assertThat(host.netlink().neighbours(host.index("overlay"))).contains(neighbour);
    assertThat(host.netlink().forwardingEntries(tunnel)).contains(entry, bridgeEntry);
  }

  @Test
  void twoHostsExchangeTcpOverATunnelWithStaticEntries() throws Exception {
    try (TestHost left = TestHost.create("vxlan-left");
        TestHost right = TestHost.create("vxlan-right")) {
      TestCable.plug(left, "eth0", "198.51.100.1/24", right, "eth0", "198.51.100.2/24");
      overlay(left, "198.51.100.1", "10.0.0.1/24", LEFT_MAC);
      overlay(right, "198.51.100.2", "10.0.0.2/24", RIGHT_MAC);
      knows(left, "10.0.0.2", RIGHT_MAC, "198.51.100.2");
      knows(right, "10.0.0.1", LEFT_MAC, "198.51.100.1");

      assertThat(TestTraffic.echo(left, right, "10.0.0.2", 80)).isEqualTo("from 10.0.0.1");
    }
  }

  @Test
  void entriesAreReplacedAppendedAndDeleted() {
    try (TestHost host = TestHost.create("vxlan-entries")) {
      overlay(host, "127.0.0.1", "10.0.0.1/24", LEFT_MAC);
      int tunnel = host.index("tunnel");
      InetAddress first = InetAddress.ofLiteral("198.51.100.1");
      InetAddress second = InetAddress.ofLiteral("198.51.100.2");
      ForwardingEntry moved = ForwardingEntry.ofVxlan(tunnel, RIGHT_MAC, second);
      ForwardingEntry flood = ForwardingEntry.ofVxlan(tunnel, MacAddress.ZERO, first);
      ForwardingEntry floodToo = ForwardingEntry.ofVxlan(tunnel, MacAddress.ZERO, second);
      host.netlink()
          .apply(
              ForwardingEntries.add(ForwardingEntry.ofVxlan(tunnel, RIGHT_MAC, first)),
              ForwardingEntries.replace(moved),
              ForwardingEntries.append(flood),
              ForwardingEntries.append(floodToo));
      assertThat(host.netlink().forwardingEntries(tunnel))
          .filteredOn(ForwardingEntry::self)
          .containsExactlyInAnyOrder(moved, flood, floodToo);
      host.netlink().apply(ForwardingEntries.delete(moved), ForwardingEntries.delete(flood));
      assertThat(host.netlink().forwardingEntries(tunnel))
          .filteredOn(ForwardingEntry::self)
          .containsExactly(floodToo);
    }
  }
}
