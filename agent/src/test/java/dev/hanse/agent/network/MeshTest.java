package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.model.PortConfig;
import dev.hanse.model.PortConfig.Protocol;
import dev.hanse.model.PortConfig.PublishMode;
import dev.hanse.model.Task;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Four hosts; a service "web" with tasks on the first two of them, port 8080 published. */
class MeshTest {
  private static final PortConfig TCP = Swarm.port(Protocol.TCP, 8080, 80);
  private static final PortConfig UDP = Swarm.port(Protocol.UDP, 8080, 80);

  private final Swarm swarm = new Swarm(4);
  private final List<TaskServer> servers = new ArrayList<>();
  private MeshLab lab;
  private Map<String, TaskNetwork> networks;

  @BeforeEach
  void up() throws Exception {
    networks = new HashMap<>();
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 4);
    swarm.service(Swarm.INGRESS, "web", "10.0.0.200", TCP, UDP);
    swarm.service(Swarm.BACK, "web", "10.0.1.200");
    swarm.service(Swarm.BACK, "idle", "10.0.1.201");
    start(swarm.task("web", 1, 1, 11), 1);
    start(swarm.task("web", 2, 2, 12), 2);
    start(swarm.task("web", 3, 2, 13), 2);
    lab.sendToAll(swarm.message());
  }

  private void start(Task task, int host) throws Exception {
    TaskNetwork network = lab.host(host).loop.attach(SwarmWorkloads.workload(task));
    networks.put(task.getId(), network);
    servers.add(new TaskServer(task.getId(), namespace(task.getId()), 80));
  }

  private NetworkNamespace namespace(String taskId) {
    Path path = Objects.requireNonNull(networks.get(taskId)).namespace().orElseThrow();
    return new NetworkNamespace(path);
  }

  @AfterEach
  void down() throws IOException {
    for (TaskServer server : servers) {
      server.close();
    }
    lab.close();
  }

  @Test
  void aPublishedPortAnswersOnEveryHostAndTheServerSeesTheClient() throws IOException {
    for (MeshLab.Host host : lab.hosts) {
      Map<String, Integer> answers = new HashMap<>();
      for (int turn = 0; turn < 9; turn++) {
        String greeting = Client.ask(lab.client, host.address(), 8080);
        assertThat(greeting).endsWith(" " + MeshLab.CLIENT);
        answers.merge(greeting.split(" ")[0], 1, Integer::sum);
      }
      assertThat(answers)
          .as("host %d", host.number)
          .containsExactlyInAnyOrderEntriesOf(Map.of("web-1", 3, "web-2", 3, "web-3", 3));
    }
  }

  @Test
  void aPublishedUdpPortAnswersOnEveryHost() throws IOException {
    for (MeshLab.Host host : lab.hosts) {
      assertThat(Client.askByUdp(lab.client, host.address(), 8080))
          .matches("web-[123] " + MeshLab.CLIENT);
    }
  }

  @Test
  void theHostsThemselvesAreClients() throws IOException {
    for (MeshLab.Host host : lab.hosts) {
      for (int turn = 0; turn < 3; turn++) {
        assertThat(Client.ask(host.namespace, host.address(), 8080))
            .matches("web-[123] " + host.address());
        assertThat(Client.ask(host.namespace, "127.0.0.1", 8080)).startsWith("web-");
        assertThat(Client.askByUdp(host.namespace, "127.0.0.1", 8080)).startsWith("web-");
      }
    }
  }

  @Test
  void tasksAreClientsOfPublishedPorts() throws IOException {
    for (MeshLab.Host host : lab.hosts) {
      assertThat(Client.ask(namespace("web-1"), host.address(), 8080)).startsWith("web-");
    }
  }

  @Test
  void aVirtualAddressIsSpreadAndKeepsTheClient() throws IOException {
    Map<String, Integer> answers = new HashMap<>();
    for (int turn = 0; turn < 9; turn++) {
      String greeting = Client.ask(namespace("web-1"), "10.0.1.200", 80);
      assertThat(greeting).endsWith(" 10.0.1.11");
      answers.merge(greeting.split(" ")[0], 1, Integer::sum);
    }
    assertThat(answers).isEqualTo(Map.of("web-1", 3, "web-2", 3, "web-3", 3));
    assertThat(Client.askByUdp(namespace("web-3"), "10.0.1.200", 80)).endsWith(" 10.0.1.13");
  }

  @Test
  void whereNoTaskIsReadyConnectionsAreRefusedAtOnce() throws Exception {
    assertThatThrownBy(() -> Client.ask(namespace("web-1"), "10.0.1.201", 80))
        .hasMessageContaining("refused");
    for (int slot = 1; slot <= 3; slot++) {
      swarm.endpoint(Swarm.INGRESS, "web", slot, slot == 1 ? 1 : 2, "10.0.0.1" + slot, false);
    }
    lab.sendToAll(swarm.message());
    for (MeshLab.Host host : lab.hosts) {
      assertThatThrownBy(() -> Client.ask(lab.client, host.address(), 8080))
          .hasMessageContaining("refused");
    }
  }

  @Test
  void aTaskHasAWayOutAndNeighboursAreIsolated() throws IOException {
    try (TaskServer outside = new TaskServer("outside", lab.client, 9000)) {
      assertThat(outside).isNotNull();
      // The task's own address is not known outside: the host's stands for it.
      assertThat(Client.ask(namespace("web-1"), MeshLab.CLIENT, 9000))
          .isEqualTo("outside 192.168.77.1");
      assertThat(Client.askByUdp(namespace("web-2"), MeshLab.CLIENT, 9000))
          .isEqualTo("outside 192.168.77.2");
    }
    String neighbour = Objects.requireNonNull(networks.get("web-3")).egressAddress().orElseThrow();
    assertThatThrownBy(() -> Client.ask(namespace("web-2"), neighbour, 80))
        .isInstanceOfAny(IOException.class, SocketTimeoutException.class);
  }

  @Test
  void aHostPortAnswersOnItsHostAlone() throws Exception {
    PortConfig fixed =
        Swarm.port(Protocol.TCP, 9090, 80).toBuilder().setPublishMode(PublishMode.HOST).build();
    PortConfig any =
        Swarm.port(Protocol.UDP, 0, 80).toBuilder().setPublishMode(PublishMode.HOST).build();
    Task task = Task.newBuilder(swarm.task("solo", 1, 3, 30, fixed, any)).clearNetworks().build();
    start(task, 3);
    TaskNetwork network = Objects.requireNonNull(networks.get("solo-1"));
    assertThat(Client.ask(lab.client, "192.168.77.3", 9090)).isEqualTo("solo-1 " + MeshLab.CLIENT);
    assertThat(Client.ask(lab.host(3).namespace, "127.0.0.1", 9090)).startsWith("solo-1");
    assertThat(
            Client.askByUdp(
                lab.client, "192.168.77.3", network.hostPorts().get(1).getPublishedPort()))
        .isEqualTo("solo-1 " + MeshLab.CLIENT);
    assertThatThrownBy(() -> Client.ask(lab.client, "192.168.77.2", 9090))
        .hasMessageContaining("refused");
    Task second = task.toBuilder().setId("solo-2").build();
    assertThatThrownBy(() -> lab.host(3).loop.attach(SwarmWorkloads.workload(second)))
        .isInstanceOf(TaskNetworkException.class)
        .hasMessageContaining("9090/tcp");
    lab.host(3).loop.detach("solo-1");
    assertThatThrownBy(() -> Client.ask(lab.client, "192.168.77.3", 9090))
        .hasMessageContaining("refused");
  }

  @Test
  void aPortIsAddedAndRemovedUnderRunningTasks() throws Exception {
    try (Socket open = Client.connect(lab.client, "192.168.77.3", 8080)) {
      Client.greeting(open);
      swarm.service(Swarm.INGRESS, "web", "10.0.0.200", TCP, Swarm.port(Protocol.TCP, 8081, 80));
      lab.sendToAll(swarm.message());
      for (MeshLab.Host host : lab.hosts) {
        assertThat(Client.ask(lab.client, host.address(), 8081)).startsWith("web-");
      }
      swarm.service(Swarm.INGRESS, "web", "10.0.0.200", TCP);
      lab.sendToAll(swarm.message());
      assertThatThrownBy(() -> Client.ask(lab.client, "192.168.77.3", 8081))
          .hasMessageContaining("refused");
      echo(open);
    }
  }

  private static void echo(Socket open) throws IOException {
    open.getOutputStream().write('x');
    assertThat(open.getInputStream().read()).isEqualTo('x');
  }

  @Test
  void connectionsToOthersGoOnWhenATaskGoes() throws Exception {
    List<Socket> open = new ArrayList<>();
    for (int turn = 0; turn < 9; turn++) {
      Socket socket = Client.connect(lab.client, "192.168.77.4", 8080);
      if (Client.greeting(socket).startsWith("web-3")) {
        socket.close();
      } else {
        open.add(socket);
      }
    }
    swarm.removeEndpoints("web", 3);
    lab.sendToAll(swarm.message());
    lab.host(2).loop.detach("web-3");
    assertThat(open).hasSize(6);
    for (Socket socket : open) {
      echo(socket);
      socket.close();
    }
    for (int turn = 0; turn < 8; turn++) {
      assertThat(Client.ask(lab.client, "192.168.77.4", 8080)).doesNotStartWith("web-3");
    }
    assertThat(lab.directory.resolve("run-2/namespaces/web-3")).doesNotExist();
  }

  /** Docker's users meet this as "UDP packets go to the old container". */
  @Test
  void aClientThatKeepsSendingFromOnePortReachesALivingTask() throws Exception {
    try (DatagramSocket mesh = Client.datagrams(lab.client, "192.168.77.4", 8080);
        DatagramSocket own = Client.datagrams(lab.host(3).namespace, "127.0.0.1", 8080);
        DatagramSocket virtual = Client.datagrams(namespace("web-1"), "10.0.1.200", 80);
        DatagramSocket early = Client.datagrams(lab.client, "192.168.77.4", 8082)) {
      List<DatagramSocket> clients = List.of(mesh, own, virtual);
      assertThatThrownBy(() -> Client.greeting(early)).isInstanceOf(IOException.class);
      for (int gone = 3; gone >= 2; gone--) {
        for (DatagramSocket client : clients) {
          assertThat(Client.greeting(client)).startsWith("web-");
        }
        swarm.endpoint(Swarm.INGRESS, "web", gone, 2, "10.0.0.1" + gone, false);
        swarm.endpoint(Swarm.BACK, "web", gone, 2, "10.0.1.1" + gone, false);
        lab.sendToAll(swarm.message());
        lab.host(2).loop.detach("web-" + gone);
      }
      for (DatagramSocket client : clients) {
        assertThat(Client.greeting(client)).startsWith("web-1 ");
      }
      swarm.service(
          Swarm.INGRESS, "web", "10.0.0.200", TCP, UDP, Swarm.port(Protocol.UDP, 8082, 80));
      lab.sendToAll(swarm.message());
      assertThat(Client.greeting(early)).startsWith("web-1 ");
    }
  }

  @Test
  void aPublishedPortHidesAProgramOfTheHostAndLeavesItsConnections() throws Exception {
    try (TaskServer program = new TaskServer("program", lab.host(4).namespace, 8083);
        Socket open = Client.connect(lab.client, "192.168.77.4", 8083)) {
      assertThat(program).isNotNull();
      assertThat(Client.greeting(open)).startsWith("program");
      swarm.service(
          Swarm.INGRESS, "web", "10.0.0.200", TCP, UDP, Swarm.port(Protocol.TCP, 8083, 80));
      lab.sendToAll(swarm.message());
      assertThat(Client.ask(lab.client, "192.168.77.4", 8083)).startsWith("web-");
      assertThat(Client.ask(lab.host(4).namespace, "127.0.0.1", 8083)).startsWith("web-");
      echo(open);
      swarm.service(Swarm.INGRESS, "web", "10.0.0.200", TCP, UDP);
      lab.sendToAll(swarm.message());
      assertThat(Client.ask(lab.client, "192.168.77.4", 8083)).startsWith("program");
    }
  }
}
