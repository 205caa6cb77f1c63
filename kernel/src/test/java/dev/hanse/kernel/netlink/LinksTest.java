package dev.hanse.kernel.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.MacAddress;
import dev.hanse.kernel.network.NewLink;
import org.junit.jupiter.api.Test;

class LinksTest {
  @Test
  void anInterfaceIsChangedMovedAndDeleted() {
    try (TestHost host = TestHost.create("links");
        TestHost other = TestHost.create("links-other")) {
      host.netlink()
          .apply(
              Links.add(NewLink.bridge("bridge").withUp()),
              Links.add(NewLink.veth("a", NewLink.peer("b"))));
      int bridge = host.index("bridge");
      int port = host.index("a");
      MacAddress mac = MacAddress.parse("02:48:00:00:00:09");
      host.netlink()
          .apply(
              Links.rename(port, "port"),
              Links.mac(port, mac),
              Links.mtu(port, 1400),
              Links.alias(port, "the port"),
              Links.master(port, bridge),
              Links.up(port));
      for (BridgePorts.Option option : BridgePorts.Option.values()) {
        host.netlink().apply(BridgePorts.set(port, option, true));
      }
      Link changed = host.netlink().link("port").orElseThrow();
      assertThat(changed.mac()).contains(mac);
      assertThat(changed.mtu()).isEqualTo(1400);
      assertThat(changed.alias()).contains("the port");
      assertThat(changed.master()).hasValue(bridge);
      assertThat(changed.up()).isTrue();
      assertThat(host.netlink().link("a")).isEmpty();

      host.netlink().apply(Links.noMaster(port), Links.alias(port, ""), Links.down(port));
      Link plain = host.netlink().link("port").orElseThrow();
      assertThat(plain.master()).isEmpty();
      assertThat(plain.alias()).isEmpty();
      assertThat(plain.up()).isFalse();

      host.netlink().apply(Links.move(port, other.namespace()));
      assertThat(host.netlink().links())
          .extracting(Link::name)
          .containsExactlyInAnyOrder("lo", "bridge", "b");
      assertThat(other.netlink().link("port").orElseThrow().mac()).contains(mac);

      other.netlink().apply(Links.delete(other.index("port")));
      assertThat(host.netlink().link("b")).isEmpty();
    }
  }
}
