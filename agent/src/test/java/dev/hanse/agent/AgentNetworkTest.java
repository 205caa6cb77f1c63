package dev.hanse.agent;

import static dev.hanse.agent.AgentWorld.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.network.NetworkLoop;
import dev.hanse.agent.network.NetworkSettings;
import dev.hanse.agent.network.StartedLoop;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.model.PortConfig;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tasks in network namespaces of their own, on a host that is a namespace too. */
class AgentNetworkTest {
  private Path directory;
  private NetworkNamespace host;
  private NetworkLoop loop;
  private AgentWorld world;

  @BeforeEach
  void start() throws Exception {
    directory = Files.createTempDirectory(Path.of("/run"), "hanse-agent-net");
    host = NetworkNamespace.create(directory.resolve("host"));
    loop = startLoop();
    world = new AgentWorld(Optional.of(loop));
  }

  private NetworkLoop startLoop() {
    return StartedLoop.on(host, directory, NetworkSettings.DEFAULT_REPAIR_INTERVAL);
  }

  @AfterEach
  void stop() throws Exception {
    world.close();
    loop.closeAndRemove();
    host.delete();
    try (var files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  private static Task webServer() {
    Task.Builder task =
        AgentWorld.shell("hostname > /index.html; cat /etc/hosts; exec httpd -f -p 80 -h /")
            .toBuilder();
    task.getEndpointBuilder()
        .addPorts(
            PortConfig.newBuilder()
                .setPublishMode(PortConfig.PublishMode.HOST)
                .setPublishedPort(8080)
                .setTargetPort(80));
    return task.build();
  }

  private String page() throws IOException {
    try (SocketChannel channel = host.call(() -> SocketChannel.open(StandardProtocolFamily.INET))) {
      channel.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 8080));
      channel.write(ByteBuffer.wrap("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      int read;
      do {
        read = channel.read(answer);
      } while (read >= 0 && answer.hasRemaining());
      return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }
  }

  private boolean answers(String text) {
    try {
      return page().contains(text);
    } catch (IOException notYet) {
      return false;
    }
  }

  @Test
  void aTaskServesAPortOfItsHostAlsoAfterARestartOfTheDaemon() throws Exception {
    Task task = webServer();
    world.assign(task);
    TaskStatus status = world.await(task, TaskState.RUNNING);
    String hostname = status.getContainer().getContainerId().substring(0, 12);

    assertThat(status.getPortStatus().getPortsList())
        .extracting(PortConfig::getPublishedPort)
        .containsExactly(8080);
    eventually("answer", () -> answers(hostname));

    world.restartAlone();
    assertThat(page()).contains(hostname);
    world.rejoin();
    assertThat(world.await(task, TaskState.RUNNING).getPortStatus())
        .isEqualTo(status.getPortStatus());

    world.withdraw(task);
    eventually("port closed", () -> !answers(hostname));
    eventually("container removed", () -> world.container(task).isEmpty());
  }
}
