package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.kernel.network.Link;
import dev.hanse.kernel.nftables.Nftables;
import dev.hanse.model.EndpointsMessage;
import dev.hanse.model.PortConfig.Protocol;
import dev.hanse.model.Task;
import dev.hanse.network.KernelNames;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two hosts, one task on the first; what others do to the kernel, and restarts. */
class RepairTest {
  private final Swarm swarm = new Swarm(2);
  private MeshLab lab;
  private MeshLab.Host first;
  private MeshLab.Host second;
  private Task task;
  private NetworkNamespace taskNamespace;
  private TaskServer server;

  @BeforeEach
  void up() throws Exception {
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 2);
    first = lab.host(1);
    second = lab.host(2);
    swarm.service(Swarm.INGRESS, "web", "", Swarm.port(Protocol.TCP, 8080, 80));
    swarm.service(Swarm.BACK, "web", "10.0.1.200");
    task = swarm.task("web", 1, 1, 11);
    taskNamespace =
        new NetworkNamespace(
            first.loop.attach(SwarmWorkloads.workload(task)).namespace().orElseThrow());
    server = new TaskServer("web-1", taskNamespace, 80);
    lab.sendToAll(swarm.message());
    everythingAnswers();
  }

  @AfterEach
  void down() throws IOException {
    server.close();
    lab.close();
  }

  private void everythingAnswers() throws IOException {
    for (MeshLab.Host host : lab.hosts) {
      assertThat(Client.ask(lab.client, host.address(), 8080)).endsWith(MeshLab.CLIENT);
    }
    assertThat(Client.ask(taskNamespace, "10.0.1.200", 80)).startsWith("web-1");
  }

  @Test
  void flushedRulesComeBack() {
    for (NetworkNamespace namespace : List.of(first.namespace, second.namespace, taskNamespace)) {
      new Nftables(namespace).apply("flush ruleset");
    }
    Eventually.holds("all is repaired", this::answers);
  }

  @Test
  void aSingleDeletedRuleComesBack() {
    new Nftables(first.namespace).apply("flush chain ip hanse published");
    Eventually.holds("the port is repaired", this::answers);
  }

  private boolean answers() throws IOException {
    everythingAnswers();
    return true;
  }

  @Test
  void deletedLinksComeBack() {
    try (Netlink netlink = Netlink.open(first.namespace)) {
      for (Link link : netlink.links()) {
        if (link.isKind("vxlan") || link.isKind("bridge")) {
          netlink.apply(Links.delete(link.index()));
        }
      }
    }
    Eventually.holds("links are repaired", this::answers);
  }

  @Test
  void anNftForwardPolicyOfDropDoesNotCutOff() throws Exception {
    for (MeshLab.Host host : lab.hosts) {
      new Nftables(host.namespace)
          .apply(
              "add table ip filter\n"
                  + "add chain ip filter FORWARD { type filter hook forward priority 0; policy"
                  + " drop; }\n");
    }
    Eventually.holds("our networks pass", this::answers);
    new Nftables(first.namespace).apply("flush chain ip filter FORWARD");
    Eventually.holds("our networks pass again", this::answers);
    first.loop.closeAndRemove();
    assertThat(new Nftables(first.namespace).list("list ruleset"))
        .contains("FORWARD")
        .doesNotContain("hanse");
  }

  @Test
  void anIptablesForwardPolicyOfDropDoesNotCutOff() throws Exception {
    for (String program : List.of("iptables-legacy", "iptables-nft")) {
      for (MeshLab.Host host : lab.hosts) {
        run(host, program, "-P", "FORWARD", "DROP");
      }
      Eventually.holds("our networks pass " + program, this::answers);
    }
    assertThat(run(first, "iptables-nft", "-S", "FORWARD")).contains("hanse-+");
    first.loop.closeAndRemove();
    assertThat(run(first, "iptables-legacy", "-S", "FORWARD")).doesNotContain("hanse");
    assertThat(run(first, "iptables-nft", "-S", "FORWARD")).doesNotContain("hanse");
  }

  @Test
  void bridgedPacketsShownToIptablesPass() throws Exception {
    for (MeshLab.Host host : lab.hosts) {
      run(host, "sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=1");
      run(host, "iptables-nft", "-P", "FORWARD", "DROP");
    }
    Eventually.holds("our networks pass", this::answers);
  }

  private static String run(MeshLab.Host host, String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + host.namespace.path()));
    words.addAll(List.of(command));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  @Test
  void aRestartOfTheLoopLeavesConnectionsAlone() throws Exception {
    try (Socket mesh = Client.connect(lab.client, second.address(), 8080);
        Socket virtual = Client.connect(taskNamespace, "10.0.1.200", 80)) {
      Client.greeting(mesh);
      Client.greeting(virtual);
      long namespaceId = taskNamespace.id();
      for (MeshLab.Host host : lab.hosts) {
        host.loop.close();
      }
      echo(mesh);
      everythingAnswers();
      for (MeshLab.Host host : lab.hosts) {
        host.start();
      }
      // Nobody has told the new loops anything yet.
      first.loop.repair();
      second.loop.repair();
      everythingAnswers();
      TaskNetwork again = first.loop.attach(SwarmWorkloads.workload(task));
      assertThat(again.namespace()).contains(taskNamespace.path());
      assertThat(taskNamespace.id()).isEqualTo(namespaceId);
      first.loop.keepOnly(Set.of(task.getId()));
      lab.sendToAll(swarm.message());
      echo(mesh);
      echo(virtual);
      everythingAnswers();
    }
  }

  private static void echo(Socket open) throws IOException {
    open.getOutputStream().write('x');
    assertThat(open.getInputStream().read()).isEqualTo('x');
  }

  @Test
  void whatIsNotKeptIsRemoved() throws Exception {
    first.loop.close();
    first.start();
    first.loop.keepOnly(Set.of());
    assertThat(taskNamespace.path()).doesNotExist();
    try (Netlink netlink = Netlink.open(first.namespace)) {
      assertThat(netlink.links())
          .extracting(Link::name)
          .noneMatch(name -> name.startsWith(KernelNames.VETH_PREFIX));
    }
  }

  @Test
  void nothingIsLeftAfterRemoval() {
    first.loop.closeAndRemove();
    try (Netlink netlink = Netlink.open(first.namespace)) {
      assertThat(netlink.links()).extracting(Link::name).containsExactlyInAnyOrder("lo", "eth0");
    }
    assertThat(new Nftables(first.namespace).list("list ruleset")).isBlank();
    assertThat(first.directory.resolve("namespaces")).isEmptyDirectory();
    assertThat(first.directory.resolve("tasks")).isEmptyDirectory();
  }

  @Test
  void aTakenVxlanPortIsNamed() throws Exception {
    first.loop.closeAndRemove();
    try (DatagramChannel other =
        first.namespace.call(() -> DatagramChannel.open(StandardProtocolFamily.INET))) {
      other.bind(new InetSocketAddress(4789));
      first.start();
      first.send(swarm.message());
      assertThatThrownBy(() -> first.loop.attach(SwarmWorkloads.workload(task)))
          .isInstanceOf(TaskNetworkException.class)
          .hasMessageContaining("UDP port 4789 for VXLAN is taken by another program");
      Eventually.holds(
          "the node says so too",
          () -> first.loop.faults().stream().anyMatch(fault -> fault.contains("4789")));
      // No traffic comes here, so the manager need not wait for this node.
      EndpointsMessage next = swarm.message();
      first.send(next);
      Eventually.holds(
          "endpoints are acknowledged during the fault",
          () -> first.acknowledged == next.getIndex());
      assertThat(first.loop.faults()).isNotEmpty();
    }
    Eventually.holds("it recovers when the port is free", () -> first.loop.faults().isEmpty());
  }
}
