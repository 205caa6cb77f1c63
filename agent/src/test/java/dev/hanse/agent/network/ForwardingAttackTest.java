package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.namespace.Sysctl;
import dev.hanse.kernel.netlink.Addresses;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.netlink.Routes;
import dev.hanse.kernel.network.Address;
import dev.hanse.kernel.network.NewLink;
import dev.hanse.kernel.network.Prefix;
import dev.hanse.kernel.network.Route;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.model.PortConfig.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A host between two networks that are none of ours: that of the client, and one behind it. The
 * client takes the host for a router.
 */
@Tag("attack")
class ForwardingAttackTest {
  private static final String BEHIND = "198.51.100.2";
  private static final String FORWARD = "net.ipv4.ip_forward";

  private final Swarm swarm = new Swarm(1);
  private MeshLab lab;
  private MeshLab.Host host;
  private NetworkNamespace behind;
  private Sysctl settings;
  private Nftables nftables;
  private @Nullable TaskServer server;
  private TaskServer inner;

  @BeforeEach
  void up() throws Exception {
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 1);
    host = lab.host(1);
    host.loop.closeAndRemove();
    settings = new Sysctl(host.namespace);
    nftables = new Nftables(host.namespace);
    behind = NetworkNamespace.create(lab.directory.resolve("behind"));
    try (Netlink outside = Netlink.open(host.namespace);
        Netlink inside = Netlink.open(behind);
        Netlink client = Netlink.open(lab.client)) {
      outside.apply(Links.add(NewLink.veth("inner0", NewLink.peer("eth0").in(behind)).withUp()));
      outside.apply(
          Addresses.add(Address.of(outside.index("inner0"), Prefix.parse("198.51.100.1/24"))));
      int link = inside.index("eth0");
      inside.apply(Links.up(link), Addresses.add(Address.of(link, Prefix.parse(BEHIND + "/24"))));
      inside.apply(
          Routes.add(
              Route.to(Prefix.everyIpv4()).via(Prefix.parse("198.51.100.1").address()).by(link)));
      client.apply(
          Routes.add(
              Route.to(Prefix.parse("198.51.100.0/24"))
                  .via(Prefix.parse(host.address()).address())
                  .by(client.index("eth0"))));
    }
    inner = new TaskServer("behind", behind, 80);
    swarm.service(Swarm.INGRESS, "web", "", Swarm.port(Protocol.TCP, 8080, 80));
  }

  @AfterEach
  void down() throws IOException {
    inner.close();
    if (server != null) {
      server.close();
    }
    behind.delete();
    lab.close();
  }

  private void begin(String forwarding) throws Exception {
    settings.write(FORWARD, forwarding);
    host.start();
    server =
        new TaskServer(
            "web-1",
            new NetworkNamespace(
                host.loop
                    .attach(SwarmWorkloads.workload(swarm.task("web", 1, 1, 11)))
                    .namespace()
                    .orElseThrow()),
            80);
    lab.sendToAll(swarm.message());
    published();
  }

  private void published() throws IOException {
    assertThat(Client.ask(lab.client, host.address(), 8080)).isEqualTo("web-1 " + MeshLab.CLIENT);
  }

  private void notRouted() {
    assertThatThrownBy(() -> Client.connect(lab.client, BEHIND, 80, 300))
        .isInstanceOf(IOException.class);
  }

  private void routed() throws IOException {
    assertThat(Client.ask(lab.client, BEHIND, 80)).startsWith("behind");
  }

  @Test
  void whereForwardingIsOursTheHostIsNoRouterForOthers() throws Exception {
    begin("0");
    assertThat(settings.read(FORWARD)).isEqualTo("1");
    notRouted();
    // A restarted daemon finds it on and knows whose it is.
    host.loop.close();
    notRouted();
    published();
    host.start();
    host.loop.repair();
    notRouted();
    published();
    host.loop.detach("web-1");
    host.loop.leave();
    assertThat(settings.read(FORWARD)).isEqualTo("0");
    host.loop.closeAndRemove();
    assertThat(settings.read(FORWARD)).isEqualTo("0");
    notRouted();
    assertThat(host.directory.resolve("forwarding")).doesNotExist();
  }

  @Test
  void aLinkThatForwardedAloneBeforeDoesSoAgain() throws Exception {
    String inner0 = "net/ipv4/conf/inner0/forwarding";
    settings.write(FORWARD, "0");
    settings.write(inner0, "1");
    host.start();
    lab.sendToAll(swarm.message());
    host.loop.attach(SwarmWorkloads.workload(swarm.task("web", 1, 1, 11)));
    assertThat(settings.read(FORWARD)).isEqualTo("1");
    assertThat(settings.read("net/ipv4/conf/eth0/forwarding")).isEqualTo("1");
    host.loop.detach("web-1");
    host.loop.leave();
    assertThat(settings.read(FORWARD)).isEqualTo("0");
    assertThat(settings.read("net/ipv4/conf/eth0/forwarding")).isEqualTo("0");
    assertThat(settings.read(inner0)).isEqualTo("1");
    host.loop.closeAndRemove();
  }

  @Test
  void whereForwardingWasOnNothingChanges() throws Exception {
    begin("1");
    routed();
    host.loop.close();
    host.start();
    host.loop.repair();
    routed();
    published();
    host.loop.closeAndRemove();
    assertThat(settings.read(FORWARD)).isEqualTo("1");
    routed();
  }

  @Test
  void theAdministratorsChainComesFirstAndStays() throws Exception {
    nftables.apply(
        "add table ip filter\nadd chain ip filter FORWARD"
            + " { type filter hook forward priority 0; policy drop; }\n");
    begin("0");
    nftables.apply(
        "add rule ip hanse-guard hanse-user iifname \"eth0\" ip saddr "
            + MeshLab.CLIENT
            + " ct state new drop\n");
    closed();
    // Neither another port, nor a repair, nor a restart takes it away.
    swarm.service(
        Swarm.INGRESS,
        "web",
        "",
        Swarm.port(Protocol.TCP, 8080, 80),
        Swarm.port(Protocol.TCP, 8081, 80));
    lab.sendToAll(swarm.message());
    host.loop.repair();
    closed();
    nftables.apply("flush chain ip hanse-guard forward\n");
    host.loop.repair();
    assertThat(nftables.list("list chain ip hanse-guard forward")).contains("jump hanse-user");
    closed();
    host.loop.close();
    host.start();
    host.loop.repair();
    closed();
    assertThat(nftables.list("list chain ip filter FORWARD")).contains("hanse-*");
    // What it accepts, ours does not forbid.
    nftables.apply(
        """
        flush chain ip hanse-guard hanse-user
        add rule ip hanse-guard hanse-user oifname "inner0" accept
        add rule ip hanse-guard hanse-user iifname "inner0" accept
        delete table ip filter
        """);
    routed();
    published();
    host.loop.keepOnly(Set.of());
    host.loop.closeAndRemove();
    assertThat(nftables.list("list ruleset"))
        .contains("oifname \"inner0\" accept")
        .doesNotContain("hook");
    nftables.apply("delete table ip hanse-guard\n");
  }

  private void closed() {
    assertThatThrownBy(() -> Client.connect(lab.client, host.address(), 8080, 300))
        .isInstanceOf(IOException.class);
  }

  @Test
  void rulesInForeignChainsGoWithTheSwarm() throws Exception {
    nftables.apply(
        "add table ip filter\nadd chain ip filter FORWARD"
            + " { type filter hook forward priority 0; policy drop; }\n");
    begin("0");
    assertThat(nftables.list("list chain ip filter FORWARD")).contains("hanse-*");
    host.loop.close();
    assertThat(nftables.list("list chain ip filter FORWARD")).contains("hanse-*");
    host.start();
    host.loop.detach("web-1");
    host.loop.leave();
    assertThat(nftables.list("list chain ip filter FORWARD"))
        .contains("policy drop")
        .doesNotContain("hanse");
  }
}
