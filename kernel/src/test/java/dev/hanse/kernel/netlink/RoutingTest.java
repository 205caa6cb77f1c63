package dev.hanse.kernel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.namespace.Sysctl;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import dev.hanse.kernel.network.Rule;
import dev.hanse.kernel.network.Scope;
import dev.hanse.kernel.nftables.Nftables;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoutingTest {
  private static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  @Test
  void routesAreAddedReplacedListedAndDeleted() {
    try (TestHost host = TestHost.create("routes")) {
      host.netlink().apply(Links.add(NewLink.bridge("b0").withUp()));
      int device = host.index("b0");
      host.address("b0", "192.0.2.1/24");
      host.address("b0", "2001:db8::1/64");
      Route byGateway =
          Route.to(Prefix.parse("198.51.100.0/24")).via(address("192.0.2.254")).by(device);
      Route moved =
          Route.to(Prefix.parse("198.51.100.0/24")).via(address("192.0.2.253")).by(device);
      Route inHighTable =
          Route.to(Prefix.everyIpv4())
              .via(address("203.0.113.1"))
              .by(device)
              .withOnlink()
              .withTable(1000);
      Route refused =
          Route.to(Prefix.parse("203.0.113.0/24"))
              .withKind(Route.Kind.BLACKHOLE)
              .withScope(Scope.GLOBAL)
              .withMetric(5);
      Route ipv6 =
          Route.to(Prefix.everyIpv6()).via(address("2001:db8::2")).by(device).withMetric(7);
      host.netlink()
          .apply(
              Routes.add(byGateway),
              Routes.replace(moved),
              Routes.add(inHighTable),
              Routes.add(refused),
              Routes.add(ipv6));
      assertThat(host.netlink().routes())
          .contains(moved, inHighTable, refused, ipv6)
          .doesNotContain(byGateway);
      host.netlink().apply(Routes.delete(moved), Routes.delete(inHighTable));
      assertThat(host.netlink().routes()).doesNotContain(moved, inHighTable).contains(refused);
      assertThatThrownBy(() -> host.netlink().apply(Routes.delete(moved)))
          .isInstanceOfSatisfying(
              KernelException.class, thrown -> assertThat(thrown.notFound()).isTrue())
          .hasMessageStartingWith("delete route to 198.51.100.0/24 in table 254: No such process");
    }
  }

  @Test
  void addressesAreListedAndDeleted() {
    try (TestHost host = TestHost.create("addresses")) {
      host.netlink().apply(Links.add(NewLink.bridge("b0").withUp()));
      int device = host.index("b0");
      Address ipv4 = Address.of(device, Prefix.parse("192.0.2.1/24"));
      Address ipv6 = Address.of(device, Prefix.parse("2001:db8::1/64"));
      host.netlink().apply(Addresses.add(ipv4), Addresses.add(ipv6), Addresses.replace(ipv4));
      assertThat(host.netlink().addresses()).contains(ipv4, ipv6);
      host.netlink().apply(Addresses.delete(ipv4), Addresses.delete(ipv6));
      assertThat(host.netlink().addresses()).doesNotContain(ipv4, ipv6);
    }
  }

  @Test
  void rulesAreListedAndDeleted() {
    try (TestHost host = TestHost.create("rules")) {
      List<Rule> before = host.netlink().rules();
      Rule mark = Rule.ofMark(100, 0x100, 0xff00, 1000);
      Rule ipv6 = Rule.ofMark(100, 7, 7).forIpv6();
      Rule source = Rule.ofSource(200, Prefix.parse("192.0.2.0/24"), 8);
      host.netlink().apply(Rules.add(mark), Rules.add(ipv6), Rules.add(source));
      assertThat(host.netlink().rules()).contains(mark, ipv6, source).hasSize(before.size() + 3);
      assertThatThrownBy(() -> host.netlink().apply(Rules.add(mark)))
          .isInstanceOfSatisfying(
              KernelException.class, thrown -> assertThat(thrown.alreadyExists()).isTrue());
      host.netlink().apply(Rules.delete(mark), Rules.delete(ipv6), Rules.delete(source));
      assertThat(host.netlink().rules()).isEqualTo(before);
    }
  }

  /**
   * Two cables lead to the server; the default route names one, the mark of the packets the other.
   */
  @Test
  void aFirewallMarkChoosesTheRoute() throws Exception {
    try (TestHost client = TestHost.create("mark-client");
        TestHost server = TestHost.create("mark-server")) {
      TestCable.plug(client, "plain", "192.0.2.1/24", server, "plain", "192.0.2.2/24");
      TestCable.plug(client, "marked", "198.51.100.1/24", server, "marked", "198.51.100.2/24");
      server.address("plain", "203.0.113.1/32");
      new Sysctl(server.namespace()).write("net.ipv4.conf.all.rp_filter", "0");
      client
          .netlink()
          .apply(
              Routes.add(Route.to(Prefix.everyIpv4()).via(address("192.0.2.2"))),
              Routes.add(Route.to(Prefix.everyIpv4()).via(address("198.51.100.2")).withTable(1000)),
              Rules.add(Rule.ofMark(100, 0x200, 0xff00, 1000)));
      new Nftables(client.namespace())
          .apply(
              """
              table ip test {
                chain output {
                  type route hook output priority mangle;
                  tcp dport 81 meta mark set 0x201
                }
              }
              """);
      new Nftables(server.namespace())
          .apply(
              """
              table ip test {
                chain input {
                  type filter hook input priority filter;
                  iifname "plain" tcp dport 81 drop
                  iifname "marked" tcp dport 80 drop
                }
              }
              """);
      assertThat(TestTraffic.echo(client, server, "203.0.113.1", 80)).isEqualTo("from 192.0.2.1");
      assertThat(TestTraffic.echo(client, server, "203.0.113.1", 81)).startsWith("from ");
    }
  }
}
