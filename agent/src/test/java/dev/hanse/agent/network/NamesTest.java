package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.model.Task;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Name resolution as a container on one of two hosts sees it. */
class NamesTest {
  private static final int A = 1;
  private static final int PTR = 12;
  private static final int AAAA = 28;

  private final Swarm swarm = new Swarm(2);
  private MeshLab lab;
  private NetworkNamespace task;
  private TaskNetwork network;
  private DatagramChannel upstream;

  @BeforeEach
  void up() throws Exception {
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 2);
    upstream = lab.client.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
    upstream.bind(new InetSocketAddress("0.0.0.0", 53));
    Thread.ofPlatform().daemon().start(this::answerEverything);
    swarm.service(Swarm.BACK, "web", "10.0.1.200");
    swarm.service(Swarm.BACK, "queue", "");
    Task local = swarm.task("web", 1, 1, 11);
    for (int slot = 1; slot <= 3; slot++) {
      swarm.endpoint(Swarm.BACK, "queue", slot, 2, "10.0.1.2" + slot, true);
    }
    for (int slot = 1; slot <= 120; slot++) {
      swarm.endpoint(Swarm.BACK, "many", slot, 2, "10.0.1." + (100 + slot), true);
    }
    swarm.service(Swarm.BACK, "many", "");
    network = lab.host(1).loop.attach(SwarmWorkloads.workload(local));
    task = new NetworkNamespace(network.namespace().orElseThrow());
    lab.sendToAll(swarm.message());
  }

  @AfterEach
  void down() throws IOException {
    upstream.close();
    lab.close();
  }

  /** The outside name server: every name is 192.0.2.1. */
  private void answerEverything() {
    ByteBuffer buffer = ByteBuffer.allocate(512);
    try {
      while (true) {
        buffer.clear();
        SocketAddress client = upstream.receive(buffer);
        byte[] query = new byte[buffer.flip().remaining()];
        buffer.get(query);
        query[2] |= (byte) 0x80;
        query[7] = 1;
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(query);
        answer.writeBytes(
            new byte[] {(byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, (byte) 192, 0, 2, 1});
        upstream.send(ByteBuffer.wrap(answer.toByteArray()), client);
      }
    } catch (ClosedChannelException _) {
      return;
    } catch (IOException fault) {
      throw new IllegalStateException(fault);
    }
  }

  private static byte[] query(String name, int type) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(new byte[] {0, 0, (byte) type, 0, 1});
    return out.toByteArray();
  }

  private byte[] ask(String name, int type) throws IOException {
    byte[] answer = Client.exchange(task, "127.0.0.11", 53, query(name, type));
    assertThat(answer).startsWith(0x12, 0x34);
    return answer;
  }

  private static int code(byte[] answer) {
    return answer[3] & 15;
  }

  /** The addresses of an answer with one question and address records only. */
  private static List<String> addresses(byte[] answer) {
    int count = (answer[6] & 0xff) << 8 | (answer[7] & 0xff);
    List<String> found = new ArrayList<>();
    for (int record = count; record > 0; record--) {
      int end = answer.length - (record - 1) * 16;
      found.add(
          "%d.%d.%d.%d"
              .formatted(
                  answer[end - 4] & 0xff,
                  answer[end - 3] & 0xff,
                  answer[end - 2] & 0xff,
                  answer[end - 1] & 0xff));
    }
    return found;
  }

  @Test
  void servicesTasksAndContainersHaveNames() throws IOException {
    assertThat(addresses(ask("web", A))).containsExactly("10.0.1.200");
    assertThat(addresses(ask("tasks.web", A))).containsExactly("10.0.1.11");
    assertThat(addresses(ask("web.1.web-1", A))).containsExactly("10.0.1.11");
    assertThat(addresses(ask("queue", A)))
        .containsExactlyInAnyOrder("10.0.1.21", "10.0.1.22", "10.0.1.23");
  }

  @Test
  void theOrderOfSeveralAddressesRotates() throws IOException {
    Set<String> firsts = new HashSet<>();
    for (int turn = 0; turn < 3; turn++) {
      firsts.add(addresses(ask("queue", A)).getFirst());
    }
    assertThat(firsts).hasSize(3);
  }

  @Test
  void aKnownNameHasNoIpv6Address() throws IOException {
    byte[] answer = ask("web", AAAA);
    assertThat(code(answer)).isZero();
    assertThat(addresses(answer)).isEmpty();
  }

  @Test
  void addressesHaveNames() throws IOException {
    String text = new String(ask("11.1.0.10.in-addr.arpa", PTR), StandardCharsets.ISO_8859_1);
    assertThat(text).contains("\u0003web\u00011\u0005web-1\u0004back");
  }

  @Test
  void otherNamesAreForwarded() throws IOException {
    assertThat(addresses(ask("example.com", A))).containsExactly("192.0.2.1");
  }

  @Test
  void withoutAnAnswerFromOutsideTheServerFails() throws IOException {
    upstream.close();
    assertThat(code(ask("example.com", A))).isEqualTo(2);
  }

  @Test
  void anAnswerThatIsTooLargeComesByTcp() throws IOException {
    byte[] truncated = ask("many", A);
    assertThat(truncated[2] & 2).isEqualTo(2);
    assertThat(truncated.length).isLessThanOrEqualTo(512);
    try (Socket socket = Client.connect(task, "127.0.0.11", 53)) {
      byte[] query = query("many", A);
      socket.getOutputStream().write(new byte[] {0, (byte) query.length});
      socket.getOutputStream().write(query);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = in.readNBytes(in.readUnsignedShort());
      assertThat(addresses(answer)).hasSize(120);
    }
  }

  @Test
  void namesFollowTheTable() throws Exception {
    swarm.endpoint(Swarm.BACK, "queue", 1, 2, "10.0.1.21", false);
    lab.sendToAll(swarm.message());
    assertThat(addresses(ask("queue", A))).containsExactlyInAnyOrder("10.0.1.22", "10.0.1.23");
  }

  @Test
  void aContainerMayUsePort53Itself() throws IOException {
    try (TaskServer own = new TaskServer("own", task, 53)) {
      assertThat(own).isNotNull();
      assertThat(addresses(ask("web", A))).containsExactly("10.0.1.200");
    }
  }

  @Test
  void theContainersConfigurationNamesTheServer() throws IOException {
    assertThat(Files.readString(network.resolvConf()))
        .isEqualTo("nameserver 127.0.0.11\noptions ndots:0\n");
  }
}
