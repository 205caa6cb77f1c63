package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.kernel.netlink.Addresses;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.netlink.Routes;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import dev.hanse.model.ForeignSubnet;
import dev.hanse.model.Task;
import dev.hanse.network.KernelNames;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A host whose own networks meet those of the swarm: it keeps its own. */
class OccupiedSubnetTest {
  private static final String INGRESS_BRIDGE = KernelNames.bridge(Swarm.INGRESS.getId());

  private final Swarm swarm = new Swarm(1);
  private MeshLab lab;
  private MeshLab.Host host;

  @BeforeEach
  void up() throws Exception {
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 1);
    host = lab.host(1);
  }

  @AfterEach
  void down() throws Exception {
    lab.close();
  }

  private void plugIn(String... addresses) {
    try (Netlink netlink = Netlink.open(host.namespace)) {
      netlink.apply(Links.add(NewLink.bridge("lan").withUp()));
      int index = netlink.index("lan");
      for (String address : addresses) {
        netlink.apply(Addresses.add(Address.of(index, Prefix.parse(address))));
      }
    }
  }

  private boolean hasBridge(String name) {
    try (Netlink netlink = Netlink.open(host.namespace)) {
      return netlink.link(name).isPresent();
    }
  }

  private List<String> addressesOf(String bridge) {
    try (Netlink netlink = Netlink.open(host.namespace)) {
      int index = netlink.link(bridge).map(Link::index).orElse(-1);
      return netlink.addresses().stream()
          .filter(address -> address.index() == index)
          .map(address -> address.prefix().toString())
          .filter(Predicate.not(text -> text.contains(":")))
          .toList();
    }
  }

  @Test
  @Tag("attack")
  void aHostOnTheMeshsSubnetRefusesTheBridgeAndItsTasksAndSaysWhy() throws Exception {
    plugIn("10.0.0.77/24");
    swarm.task("web", 1, 1, 11);
    host.send(swarm.message());
    Task task = swarm.task("web", 1, 1, 11);
    assertThatThrownBy(() -> host.loop.attach(SwarmWorkloads.workload(task)))
        .isInstanceOf(TaskNetworkException.class)
        .hasMessageContaining(
            "subnet 10.0.0.0/24 conflicts with 10.0.0.0/24, which this host is on");
    assertThat(hasBridge(INGRESS_BRIDGE)).isFalse();
    assertThat(host.loop.faults()).anyMatch(fault -> fault.contains("which this host is on"));
    host.loop.repair();
    Eventually.holds(
        "it is told",
        () ->
            host.loop
                .foreignSubnets()
                .contains(ForeignSubnet.newBuilder().setSubnet("10.0.0.0/24").build()));
    // Other networks of the swarm go on.
    Task other =
        task.toBuilder()
            .clearNetworks()
            .addNetworks(Swarm.attachment(Swarm.BACK, "10.0.1.11"))
            .build();
    assertThat(host.loop.attach(SwarmWorkloads.workload(other)).namespace()).isPresent();
  }

  @Test
  @Tag("attack")
  void anAddressThatComesLaterWinsUnlessTasksUseTheBridge() throws Exception {
    host.send(swarm.message());
    Eventually.holds("the mesh is there", () -> hasBridge(INGRESS_BRIDGE));
    plugIn("10.0.0.77/16");
    Eventually.holds("it makes way", () -> !hasBridge(INGRESS_BRIDGE));
    try (Netlink netlink = Netlink.open(host.namespace)) {
      netlink.apply(Links.delete(netlink.index("lan")));
    }
    Eventually.holds("it comes back", () -> hasBridge(INGRESS_BRIDGE));
    Eventually.holds("all is well", () -> host.loop.faults().isEmpty());
    Task task = swarm.task("web", 1, 1, 11);
    host.loop.attach(SwarmWorkloads.workload(task));
    plugIn("10.0.0.77/16");
    Eventually.holds(
        "the host says what is hidden",
        () -> host.loop.faults().stream().anyMatch(fault -> fault.contains("hides a part")));
    assertThat(hasBridge(INGRESS_BRIDGE)).isTrue();
  }

  @Test
  void theWayOutMovesWhileNobodyUsesIt() throws Exception {
    host.send(swarm.message());
    Eventually.holds(
        "it is there",
        () -> addressesOf(KernelNames.EGRESS_BRIDGE).equals(List.of("172.18.0.1/16")));
    plugIn("172.18.5.1/24");
    Eventually.holds(
        "it moves", () -> addressesOf(KernelNames.EGRESS_BRIDGE).equals(List.of("172.19.0.1/16")));
    Task task = swarm.task("web", 1, 1, 11);
    assertThat(host.loop.attach(SwarmWorkloads.workload(task)).egressAddress())
        .hasValue("172.19.0.2");
    try (Netlink netlink = Netlink.open(host.namespace)) {
      netlink.apply(Routes.add(Route.to(Prefix.parse("172.19.7.0/24")).by(netlink.index("lan"))));
    }
    Eventually.holds(
        "it says so",
        () -> host.loop.faults().stream().anyMatch(fault -> fault.contains("172.19.7.0/24")));
    assertThat(addressesOf(KernelNames.EGRESS_BRIDGE)).containsExactly("172.19.0.1/16");
  }
}
