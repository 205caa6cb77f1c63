package dev.hanse.agent.network;

import static dev.hanse.agent.network.ForgedFrames.arpRequest;
import static dev.hanse.agent.network.ForgedFrames.udp;
import static dev.hanse.agent.network.ForgedFrames.vxlan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.NodeLiveness;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.namespace.Sysctl;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.model.Network;
import dev.hanse.model.PortConfig.Protocol;
import dev.hanse.model.Task;
import dev.hanse.network.KernelNames;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Containers and machines that send what is not theirs to send. Two hosts; on the first the
 * attacker (networks ingress and back), its neighbour (the same) and a loner (the way out alone),
 * on the second a further task of both networks. What must not arrive is sent first, then what
 * must.
 */
@Tag("attack")
class WireAttackTest {
  private static final int BACK_VNI = 4097;
  private static final String ATTACKER_MAC = "02:42:01:00:00:0b";
  private static final String NEIGHBOUR_MAC = "02:42:01:00:00:0c";
  private static final String REMOTE_MAC = "02:42:01:00:00:0d";
  private static final String ATTACKER = "10.0.1.11";
  private static final String NEIGHBOUR = "10.0.1.12";
  private static final String REMOTE = "10.0.1.13";
  private static final int PORT = 7777;

  private final Swarm swarm = new Swarm(2);
  private MeshLab lab;
  private NetworkNamespace host;
  private NetworkNamespace attacker;
  private NetworkNamespace neighbour;
  private NetworkNamespace remote;
  private NetworkNamespace loner;
  private String attackerEgress;
  private String lonerEgress;

  @BeforeEach
  void up() throws Exception {
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 2);
    host = lab.host(1).namespace;
    swarm.service(Swarm.INGRESS, "web", "", Swarm.port(Protocol.TCP, 8080, 80));
    Task attackerTask = swarm.task("web", 1, 1, 11);
    Task neighbourTask = swarm.task("web", 2, 1, 12);
    Task remoteTask = swarm.task("web", 3, 2, 13);
    Task lonerTask = Task.newBuilder(attackerTask).setId("loner-1").clearNetworks().build();
    TaskNetwork attached = lab.host(1).loop.attach(SwarmWorkloads.workload(attackerTask));
    attackerEgress = attached.egressAddress().orElseThrow();
    attacker = namespace(attached);
    neighbour = namespace(lab.host(1).loop.attach(SwarmWorkloads.workload(neighbourTask)));
    remote = namespace(lab.host(2).loop.attach(SwarmWorkloads.workload(remoteTask)));
    TaskNetwork lonely = lab.host(1).loop.attach(SwarmWorkloads.workload(lonerTask));
    lonerEgress = lonely.egressAddress().orElseThrow();
    loner = namespace(lonely);
    lab.sendToAll(swarm.message());
  }

  private static NetworkNamespace namespace(TaskNetwork network) {
    return new NetworkNamespace(network.namespace().orElseThrow());
  }

  @AfterEach
  void down() throws IOException {
    lab.close();
  }

  private static void send(NetworkNamespace from, String address, int port, byte[] content)
      throws IOException {
    try (DatagramSocket socket = Client.datagrams(from, address, port)) {
      socket.send(new DatagramPacket(content, content.length));
    }
  }

  private static void send(NetworkNamespace from, String address, int port, String content)
      throws IOException {
    send(from, address, port, content.getBytes(StandardCharsets.UTF_8));
  }

  private static String mac(NetworkNamespace namespace, String link) {
    try (Netlink netlink = Netlink.open(namespace)) {
      return netlink.link(link).orElseThrow().mac().orElseThrow().toString();
    }
  }

  /** A frame for the attacker's address in the network "back", as from its neighbour's. */
  private static byte[] forgedTunnel(String content) {
    return vxlan(BACK_VNI, udp(ATTACKER_MAC, REMOTE_MAC, REMOTE, ATTACKER, PORT, content));
  }

  @Test
  void aMachineThatIsNoNodeGetsIntoNoNetwork() throws Exception {
    try (Inbox inbox = new Inbox(attacker, PORT)) {
      for (int turn = 0; turn < 20; turn++) {
        send(lab.client, lab.host(1).address(), 4789, forgedTunnel("forged"));
      }
      // The same datagram from a node that takes part in the network.
      send(lab.host(2).namespace, lab.host(1).address(), 4789, forgedTunnel("from a node"));
      assertThat(inbox.until("from a node")).containsExactly("from a node");
    }
  }

  @Test
  void aContainerCannotMakeATunnel() throws Exception {
    String gateway = mac(host, KernelNames.EGRESS_BRIDGE);
    String lonerMac = mac(loner, "eth0");
    try (Inbox inbox = new Inbox(attacker, PORT);
        Inbox far = new Inbox(remote, PORT);
        ForgedFrames raw = new ForgedFrames(loner, "eth0")) {
      byte[] farTunnel =
          vxlan(BACK_VNI, udp(REMOTE_MAC, ATTACKER_MAC, ATTACKER, REMOTE, PORT, "forged"));
      for (String address : List.of(lab.host(1).address(), "10.0.0.2", egressGateway())) {
        send(loner, address, 4789, forgedTunnel("forged"));
      }
      // The second host would see the first one's address.
      send(loner, lab.host(2).address(), 4789, farTunnel);
      for (String source : List.of(lonerEgress, lab.host(2).address())) {
        raw.send(
            udp(gateway, lonerMac, source, lab.host(1).address(), 4789, forgedTunnel("forged")));
      }
      send(lab.host(2).namespace, lab.host(1).address(), 4789, forgedTunnel("from a node"));
      send(host, lab.host(2).address(), 4789, farTunnelOf("from a node"));
      assertThat(inbox.until("from a node")).containsExactly("from a node");
      assertThat(far.until("from a node")).containsExactly("from a node");
    }
  }

  /**
   * A container asks another of its own on the first host from the tunnels' port; its own host has
   * forgotten that when the answer comes, and takes it for a tunnel of the first host.
   */
  @Test
  void anAnswerIsNoTunnel() throws Exception {
    swarm.service(Swarm.INGRESS, "dupe", "", Swarm.port(Protocol.UDP, 8081, PORT));
    Task dupe = swarm.task("dupe", 1, 1, 21);
    NetworkNamespace accomplice = namespace(lab.host(1).loop.attach(SwarmWorkloads.workload(dupe)));
    lab.sendToAll(swarm.message());
    NetworkNamespace second = lab.host(2).namespace;
    new Sysctl(second).write("net.netfilter.nf_conntrack_udp_timeout", "0");
    new Nftables(second)
        .apply(
            "table ip asks { chain out { type nat hook postrouting priority srcnat - 20;"
                + " udp dport 8081 snat to %s:4789; }; }\n".formatted(lab.host(2).address()));
    try (DatagramSocket answering =
            accomplice.call(() -> DatagramChannel.open(StandardProtocolFamily.INET)).socket();
        Inbox far = new Inbox(remote, PORT)) {
      answering.setSoTimeout(5000);
      answering.bind(new InetSocketAddress("0.0.0.0", PORT));
      send(remote, lab.host(1).address(), 8081, "question");
      DatagramPacket question = new DatagramPacket(new byte[2048], 2048);
      answering.receive(question);
      assertThat(question.getPort()).isEqualTo(4789);
      byte[] forged =
          vxlan(BACK_VNI, udp(REMOTE_MAC, NEIGHBOUR_MAC, NEIGHBOUR, REMOTE, PORT, "forged"));
      for (int turn = 0; turn < 5; turn++) {
        answering.send(new DatagramPacket(forged, forged.length, question.getSocketAddress()));
      }
      send(host, lab.host(2).address(), 4789, farTunnelOf("from a node"));
      assertThat(far.until("from a node")).containsExactly("from a node");
    }
  }

  private static byte[] farTunnelOf(String content) {
    return vxlan(BACK_VNI, udp(REMOTE_MAC, ATTACKER_MAC, ATTACKER, REMOTE, PORT, content));
  }

  private String egressGateway() {
    return lonerEgress.substring(0, lonerEgress.lastIndexOf('.')) + ".1";
  }

  @Test
  void aContainerSendsFromItsOwnAddressesAlone() throws Exception {
    String foreignMac = "02:42:01:00:00:63";
    for (NetworkNamespace victim : List.of(neighbour, remote)) {
      String mac = victim.equals(neighbour) ? NEIGHBOUR_MAC : REMOTE_MAC;
      String address = victim.equals(neighbour) ? NEIGHBOUR : REMOTE;
      try (Inbox inbox = new Inbox(victim, PORT);
          ForgedFrames raw = new ForgedFrames(attacker, linkOf("10.0.1."))) {
        raw.send(udp(mac, foreignMac, ATTACKER, address, PORT, "foreign hardware address"));
        raw.send(udp(mac, ATTACKER_MAC, "10.0.1.200", address, PORT, "foreign address"));
        raw.send(udp(mac, REMOTE_MAC, REMOTE, address, PORT, "both are another task's"));
        raw.send(udp(mac, ATTACKER_MAC, ATTACKER, address, PORT, "own"));
        assertThat(inbox.until("own")).containsExactly("own");
      }
    }
  }

  /** The attacker's link in a network, by the order of the task's attachments. */
  private static String linkOf(String prefix) {
    return prefix.equals("10.0.1.") ? "eth1" : "eth0";
  }

  @Test
  void theUpstreamNameServerCannotBePlayedThroughTheWayOut() throws Exception {
    String gateway = mac(host, KernelNames.EGRESS_BRIDGE);
    String own = mac(attacker, "eth2");
    try (Inbox inbox = new Inbox(host, PORT);
        ForgedFrames raw = new ForgedFrames(attacker, "eth2")) {
      for (String source : List.of(MeshLab.CLIENT, lonerEgress, "127.0.0.1", "10.0.0.2")) {
        raw.send(udp(gateway, own, source, lab.host(1).address(), PORT, "from " + source));
      }
      raw.send(udp(gateway, own, attackerEgress, lab.host(1).address(), PORT, "own"));
      assertThat(inbox.until("own")).containsExactly("own");
    }
  }

  @Test
  void aContainerSaysOfNoAddressButItsOwnThatItHasIt() throws Exception {
    String own = mac(attacker, "eth2");
    String unused = attackerEgress.substring(0, attackerEgress.indexOf('.', 4)) + ".99.99";
    String gateway = egressGateway();
    try (ForgedFrames raw = new ForgedFrames(attacker, "eth2");
        Netlink netlink = Netlink.open(host)) {
      raw.send(arpRequest(own, own, unused, gateway));
      raw.send(arpRequest(own, "02:42:01:00:00:63", attackerEgress, gateway));
      raw.send(arpRequest(own, own, attackerEgress, gateway));
      int bridge = netlink.index(KernelNames.EGRESS_BRIDGE);
      Eventually.holds(
          "the host hears the attacker's own address",
          () ->
              netlink.neighbours(bridge).stream()
                  .anyMatch(
                      each ->
                          each.address().getHostAddress().equals(attackerEgress)
                              && String.valueOf(each.mac()).contains(own)));
      assertThat(netlink.neighbours(bridge))
          .noneMatch(each -> each.address().getHostAddress().equals(unused));
    }
  }

  @Test
  void networksAreApartOnOneHost() throws Exception {
    String bridge = mac(host, KernelNames.bridge(Swarm.BACK.getId()));
    try (TaskServer server = new TaskServer("neighbour", neighbour, 80);
        Inbox hostInbox = new Inbox(host, PORT);
        Inbox lonerInbox = new Inbox(loner, PORT);
        ForgedFrames back = new ForgedFrames(attacker, "eth1");
        ForgedFrames out = new ForgedFrames(attacker, "eth2")) {
      assertThat(server).isNotNull();
      assertThat(Client.ask(attacker, NEIGHBOUR, 80)).startsWith("neighbour");
      for (String address : List.of(NEIGHBOUR, "10.0.0.12")) {
        assertThatThrownBy(() -> Client.connect(loner, address, 80, 300))
            .isInstanceOf(IOException.class);
      }
      // The bridge of a network has no address, but it has a hardware address.
      for (String address : List.of(lab.host(1).address(), egressGateway(), "10.0.0.2")) {
        back.send(udp(bridge, ATTACKER_MAC, ATTACKER, address, PORT, "to the host"));
      }
      back.send(udp(bridge, ATTACKER_MAC, ATTACKER, lonerEgress, PORT, "to the loner"));
      String gatewayMac = mac(host, KernelNames.EGRESS_BRIDGE);
      String own = mac(attacker, "eth2");
      out.send(udp(gatewayMac, own, attackerEgress, lonerEgress, PORT, "by the gateway"));
      out.send(udp(mac(loner, "eth0"), own, attackerEgress, lonerEgress, PORT, "directly"));
      out.send(udp(gatewayMac, own, attackerEgress, "10.0.0.2", PORT, "to the mesh's bridge"));
      send(attacker, lab.host(1).address(), PORT, "by the way out");
      send(host, lonerEgress, PORT, "from the host");
      assertThat(hostInbox.until("by the way out")).containsExactly("by the way out");
      assertThat(lonerInbox.until("from the host")).containsExactly("from the host");
    }
  }

  /** A task of the network "back" with a label that allows something. */
  private static Task tool(String label) {
    Network open =
        Swarm.BACK.toBuilder()
            .setSpec(
                Swarm.BACK.getSpec().toBuilder()
                    .setAnnotations(
                        Swarm.BACK.getSpec().getAnnotations().toBuilder()
                            .putLabels(label, "allow")))
            .build();
    return Task.newBuilder()
        .setId("tool-1")
        .addNetworks(Swarm.attachment(open, "10.0.1.99"))
        .build();
  }

  @Test
  void aNetworkThatAllowsForeignAddressesAllowsNothingElse() throws Exception {
    TaskNetwork attached =
        lab.host(1).loop.attach(SwarmWorkloads.workload(tool("hanse.foreign-addresses")));
    NetworkNamespace router = namespace(attached);
    String own = mac(router, "eth0");
    try (Inbox inbox = new Inbox(neighbour, PORT);
        Inbox hostInbox = new Inbox(host, PORT);
        ForgedFrames raw = new ForgedFrames(router, "eth0");
        ForgedFrames out = new ForgedFrames(router, "eth1")) {
      raw.send(udp(NEIGHBOUR_MAC, REMOTE_MAC, REMOTE, NEIGHBOUR, PORT, "another's hardware"));
      raw.send(udp(NEIGHBOUR_MAC, own, "192.0.2.7", NEIGHBOUR, PORT, "routed"));
      assertThat(inbox.until("routed")).containsExactly("routed");
      String gateway = mac(host, KernelNames.EGRESS_BRIDGE);
      String outMac = mac(router, "eth1");
      String outAddress = attached.egressAddress().orElseThrow();
      out.send(udp(gateway, outMac, "192.0.2.7", lab.host(1).address(), PORT, "foreign"));
      out.send(udp(gateway, outMac, outAddress, lab.host(1).address(), PORT, "own"));
      assertThat(hostInbox.until("own")).containsExactly("own");
    }
    lab.host(1).loop.detach("tool-1");
    assertThat(new Nftables(host).list("list set bridge hanse routers")).doesNotContain("hnv-");
  }

  /** Neither where they have their tunnels nor where they are reached otherwise. */
  @Test
  void portsOfNodesWithoutACommonNetworkAreNotForContainersEither() throws Exception {
    try (TaskServer far = new TaskServer("far", lab.client, 2377);
        TaskServer other = new TaskServer("other", lab.client, 5000)) {
      assertThat(List.of(far, other)).doesNotContainNull();
      assertThat(Client.ask(loner, MeshLab.CLIENT, 2377)).startsWith("far");
      NodeLiveness manager =
          new NodeLiveness(MemberState.ALIVE, Instant.EPOCH, MeshLab.CLIENT + ":7946", 1, false);
      lab.host(1).loop.listen(new GossipView(Map.of("manager", manager)));
      lab.host(1).loop.repair();
      assertThatThrownBy(() -> Client.connect(loner, MeshLab.CLIENT, 2377, 300))
          .isInstanceOf(IOException.class);
      assertThat(Client.ask(loner, MeshLab.CLIENT, 5000)).startsWith("other");
    }
  }

  @Test
  void portsOfTheClusterAreNotForContainers() throws Exception {
    NetworkNamespace allowed =
        namespace(lab.host(1).loop.attach(SwarmWorkloads.workload(tool("hanse.control-ports"))));
    try (TaskServer cluster = new TaskServer("cluster", host, 2377);
        TaskServer gossip = new TaskServer("gossip", host, 7946);
        TaskServer api = new TaskServer("api", host, 2375);
        TaskServer farCluster = new TaskServer("cluster", lab.host(2).namespace, 2377);
        TaskServer other = new TaskServer("other", host, 5000)) {
      assertThat(List.of(cluster, gossip, api, farCluster, other)).doesNotContainNull();
      for (String address : List.of(lab.host(1).address(), egressGateway(), "10.0.0.2")) {
        for (int port : List.of(2377, 7946, 2375)) {
          for (NetworkNamespace from : List.of(loner, attacker)) {
            assertThatThrownBy(() -> Client.connect(from, address, port, 300))
                .as("%s:%d", address, port)
                .isInstanceOf(IOException.class);
          }
        }
      }
      assertThatThrownBy(() -> Client.connect(loner, lab.host(2).address(), 2377, 300))
          .isInstanceOf(IOException.class);
      assertThat(Client.ask(loner, lab.host(1).address(), 5000)).startsWith("other");
      for (int port : List.of(2377, 7946, 2375)) {
        assertThat(Client.ask(lab.client, lab.host(1).address(), port)).endsWith(MeshLab.CLIENT);
        assertThat(Client.ask(allowed, lab.host(1).address(), port)).isNotBlank();
      }
      assertThat(Client.ask(allowed, lab.host(2).address(), 2377)).startsWith("cluster");
      lab.host(1).loop.detach("tool-1");
      assertThat(new Nftables(host).list("list ruleset"))
          .doesNotContain("10.0.1.99")
          .containsPattern("set trusted \\{\\s+typeof ip saddr\\s+}");
    }
  }
}
