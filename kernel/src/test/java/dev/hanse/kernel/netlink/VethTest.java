package dev.hanse.kernel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.kernel.Errno;
import dev.hanse.kernel.KernelException;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.MacAddress;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VethTest {
  @Test
  void twoNamespacesExchangeTcpOverACable() throws Exception {
    try (TestHost left = TestHost.create("veth-left");
        TestHost right = TestHost.create("veth-right")) {
      MacAddress mac = MacAddress.parse("02:48:00:00:00:02");
      left.netlink()
          .apply(
              Links.add(
                  NewLink.veth(
                          "cable",
                          NewLink.peer("eth0").withMac(mac).withMtu(1400).in(right.namespace()))
                      .withMtu(1400)
                      .withAlias("a cable")
                      .withUp()));
      left.address("cable", "192.0.2.1/24");
      right.netlink().apply(Links.up(right.index("eth0")));
      right.address("eth0", "192.0.2.2/24");

      Link cable = left.netlink().link("cable").orElseThrow();
      Link far = right.netlink().link("eth0").orElseThrow();
      assertThat(cable.kind()).contains("veth");
      assertThat(cable.alias()).contains("a cable");
      assertThat(cable.mtu()).isEqualTo(1400);
      assertThat(cable.up()).isTrue();
      assertThat(cable.peer()).hasValue(far.index());
      assertThat(far.mac()).contains(mac);
      assertThat(TestTraffic.echo(left, right, "192.0.2.2", 8080)).isEqualTo("from 192.0.2.1");
    }
  }

  @Test
  void refusalsNameTheOperationAndTheReason() {
    try (TestHost host = TestHost.create("refusals")) {
      host.netlink().apply(Links.add(NewLink.bridge("d0")));
      assertThatThrownBy(() -> host.netlink().apply(Links.add(NewLink.bridge("d0"))))
          .isInstanceOfSatisfying(
              KernelException.class, thrown -> assertThat(thrown.alreadyExists()).isTrue())
          .hasMessageStartingWith("add link d0: File exists");
      assertThatThrownBy(() -> host.netlink().index("nothing"))
          .hasMessage("find link nothing: No such device");
      assertThatThrownBy(() -> host.netlink().apply(Links.mtu(host.index("d0"), 1)))
          .isInstanceOfSatisfying(
              KernelException.class, thrown -> assertThat(thrown.errno()).isEqualTo(Errno.EINVAL))
          .hasMessageContaining("MTU 1: Invalid argument");
    }
  }

  @Test
  void aBatchTriesEverythingAndTellsWhatFailed() {
    try (TestHost host = TestHost.create("batch")) {
      host.netlink().apply(Links.add(NewLink.bridge("d0").withUp()));
      int index = host.index("d0");
      Prefix prefix = Prefix.parse("192.0.2.1/24");
      List<Netlink.Failure> failures =
          host.netlink()
              .attempt(
                  List.of(
                      Addresses.add(Address.of(index, prefix)),
                      Addresses.add(Address.of(index, prefix)),
                      Links.mtu(index, 1300)));
      assertThat(failures).hasSize(1);
      assertThat(failures.getFirst().change().operation())
          .isEqualTo("add address 192.0.2.1/24 of link " + index);
      assertThat(failures.getFirst().reason().alreadyExists()).isTrue();
      assertThat(host.netlink().link("d0").orElseThrow().mtu()).isEqualTo(1300);
    }
  }

  @Test
  void manyChangesTakeSeveralBatches() {
    try (TestHost host = TestHost.create("many")) {
      host.netlink()
          .apply(
              IntStream.range(0, 110)
                  .mapToObj(i -> Links.add(NewLink.bridge("d" + i).withAlias("number " + i)))
                  .toList());
      List<Link> bridges =
          host.netlink().links().stream().filter(link -> link.isKind("bridge")).toList();
      assertThat(bridges).hasSize(110);
      assertThat(bridges)
          .allSatisfy(
              link -> assertThat(link.alias()).contains("number " + link.name().substring(1)));
    }
  }
}
