package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.NodeLiveness;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Conntrack;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.Protocol;
import dev.hanse.model.Task;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three hosts, a service with a task on each of the first two; gossip says what it likes. */
class SilentNodeTest {
  private static final PortConfig TCP = Swarm.port(Protocol.TCP, 8080, 80);
  private static final PortConfig UDP = Swarm.port(Protocol.UDP, 8080, 80);

  private final Swarm swarm = new Swarm(3);
  private final List<TaskServer> servers = new ArrayList<>();
  private final Map<String, NetworkNamespace> namespaces = new HashMap<>();
  private MeshLab lab;

  @BeforeEach
  void up() throws Exception {
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 3);
    swarm.service(Swarm.INGRESS, "web", "10.0.0.200", TCP, UDP);
    swarm.service(Swarm.BACK, "web", "10.0.1.200");
    start(swarm.task("web", 1, 1, 11), 1);
    start(swarm.task("web", 2, 2, 12), 2);
    lab.sendToAll(swarm.message());
  }

  private void start(Task task, int host) throws Exception {
    TaskNetwork network = lab.host(host).loop.attach(SwarmWorkloads.workload(task));
    NetworkNamespace namespace = new NetworkNamespace(network.namespace().orElseThrow());
    namespaces.put(task.getId(), namespace);
    servers.add(new TaskServer(task.getId(), namespace, 80));
  }

  private NetworkNamespace namespace(String taskId) {
    return Objects.requireNonNull(namespaces.get(taskId));
  }

  @AfterEach
  void down() throws IOException {
    for (TaskServer server : servers) {
      server.close();
    }
    lab.close();
  }

  @Test
  void newConnectionsGoToNodesThatAnswer() throws Exception {
    assertThat(answering(lab.client, "192.168.77.3", 8080)).containsExactly("web-1", "web-2");
    gossip(3, "node-2", MemberState.DEAD);
    awaitAnswering(lab.client, "192.168.77.3", 8080, "web-1");
    gossip(1, "node-2", MemberState.SUSPECT);
    awaitAnswering(namespace("web-1"), "10.0.1.200", 80, "web-1");
    gossip(3, "node-2", MemberState.ALIVE);
    awaitAnswering(lab.client, "192.168.77.3", 8080, "web-1", "web-2");
    gossip(1, "node-2", MemberState.AWAY);
    awaitAnswering(namespace("web-1"), "10.0.1.200", 80, "web-1", "web-2");
  }

  @Test
  void aClientThatKeepsSendingFromOnePortIsLedAway() throws Exception {
    try (DatagramSocket client = Client.datagrams(lab.client, "192.168.77.3", 8080)) {
      String first = Client.greeting(client).split(" ")[0];
      String other = first.equals("web-1") ? "web-2" : "web-1";
      gossip(3, first.equals("web-1") ? "node-1" : "node-2", MemberState.DEAD);
      Eventually.holds(
          "datagrams go to " + other, () -> Client.greeting(client).startsWith(other + " "));
    }
  }

  /** The kernel repeats an unanswered SYN after 1, 3, 7 and 15 seconds. */
  @Test
  void connectionsThatWaitForADeadHostAreLedAway() throws Exception {
    new Nftables(lab.host(2).namespace)
        .apply(
            "table ip cut { chain packets { type filter hook prerouting priority -400; drop; }; }");
    List<FutureTask<String>> clients = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      FutureTask<String> client = new FutureTask<>(this::askPatiently);
      clients.add(client);
      Thread.ofPlatform().daemon().start(client);
    }
    Eventually.holds("some wait for host 2", () -> waiting(lab.host(3).namespace) > 0);
    gossip(3, "node-2", MemberState.DEAD);
    for (FutureTask<String> client : clients) {
      assertThat(client.get()).startsWith("web-1 ");
    }
  }

  private String askPatiently() throws IOException {
    try (Socket socket = Client.connect(lab.client, "192.168.77.3", 8080, 20_000)) {
      return Client.greeting(socket);
    }
  }

  private static long waiting(NetworkNamespace namespace) {
    try (Conntrack conntrack = new Conntrack(namespace)) {
      return conntrack.flows().stream().filter(flow -> flow.protocol().equals("tcp")).count();
    }
  }

  @Test
  void aHostThatHearsNobodyKeepsItsOwnTasksAndWhatHasNoOther() throws Exception {
    for (int host : List.of(1, 3)) {
      Map<String, NodeLiveness> all = new HashMap<>();
      for (int other = 1; other <= 3; other++) {
        all.put("node-" + other, liveness(other == host ? MemberState.ALIVE : MemberState.DEAD));
      }
      lab.host(host).loop.listen(new GossipView(all));
    }
    awaitAnswering(lab.client, "192.168.77.1", 8080, "web-1");
    lab.host(3).loop.repair();
    assertThat(answering(lab.client, "192.168.77.3", 8080)).containsExactly("web-1", "web-2");
  }

  @Test
  void rowsThatComeMeanwhileAreAcknowledgedAndGossipStillCounts() throws Exception {
    gossip(3, "node-2", MemberState.DEAD);
    awaitAnswering(lab.client, "192.168.77.3", 8080, "web-1");
    start(swarm.task("web", 3, 2, 13), 2);
    start(swarm.task("web", 4, 1, 14), 1);
    EndpointsMessage message = swarm.message();
    lab.sendToAll(message);
    assertThat(lab.host(3).acknowledged).isEqualTo(message.getIndex());
    assertThat(answering(lab.client, "192.168.77.3", 8080)).containsExactly("web-1", "web-4");
    gossip(3, "node-2", MemberState.ALIVE);
    awaitAnswering(lab.client, "192.168.77.3", 8080, "web-1", "web-2", "web-3", "web-4");
  }

  private void gossip(int host, String nodeId, MemberState state) {
    lab.host(host).loop.listen(new GossipView(Map.of(nodeId, liveness(state))));
  }

  private static NodeLiveness liveness(MemberState state) {
    return new NodeLiveness(state, Instant.now(), "192.0.2.1:7946", 1, false);
  }

  private static void awaitAnswering(
      NetworkNamespace client, String address, int port, String... expected) {
    Eventually.holds(
        String.join(", ", expected),
        () -> answering(client, address, port).equals(new TreeSet<>(Set.of(expected))));
  }

  /** Who answers a dozen connections. */
  private static Set<String> answering(NetworkNamespace client, String address, int port)
      throws IOException {
    Set<String> names = new TreeSet<>();
    for (int turn = 0; turn < 12; turn++) {
      names.add(Client.ask(client, address, port).split(" ")[0]);
    }
    return names;
  }
}
