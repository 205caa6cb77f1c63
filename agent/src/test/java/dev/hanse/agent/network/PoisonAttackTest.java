package dev.hanse.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.agent.workload.SwarmWorkloads;
import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Somebody who wants to answer a container's question in place of the upstream name server. He is
 * on the network outside, and here he even knows what he would have to guess.
 */
@Tag("attack")
class PoisonAttackTest {
  private final Swarm swarm = new Swarm(1);
  private final ConcurrentLinkedQueue<InetSocketAddress> askers = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Integer> ids = new ConcurrentLinkedQueue<>();
  private MeshLab lab;
  private NetworkNamespace task;
  private DatagramChannel upstream;
  private DatagramChannel elsewhere;

  @BeforeEach
  void up() throws Exception {
    lab = new MeshLab(Files.createTempDirectory("hanse-network-test"), 1);
    upstream = socket(MeshLab.CLIENT, 53);
    elsewhere = socket(MeshLab.CLIENT, 5353);
    Thread.ofPlatform().daemon().start(this::answerLate);
    task =
        new NetworkNamespace(
            lab.host(1)
                .loop
                .attach(SwarmWorkloads.workload(swarm.task("web", 1, 1, 11)))
                .namespace()
                .orElseThrow());
    lab.sendToAll(swarm.message());
  }

  private DatagramChannel socket(String address, int port) throws IOException {
    DatagramChannel channel =
        lab.client.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
    channel.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    return channel;
  }

  @AfterEach
  void down() throws IOException {
    upstream.close();
    elsewhere.close();
    lab.close();
  }

  private static byte[] question(String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(new byte[] {0, 0, 1, 0, 1});
    return out.toByteArray();
  }

  /** An answer to a query: the last byte of the address tells who gave it. */
  private static byte[] answer(byte[] query, int last) {
    byte[] answer = Arrays.copyOf(query, query.length + 16);
    answer[2] |= (byte) 0x80;
    answer[7] = 1;
    byte[] address = {(byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, (byte) 192, 0, 2, (byte) last};
    System.arraycopy(address, 0, answer, query.length, address.length);
    return answer;
  }

  /** Before the true answer come five that are not. */
  private void answerLate() {
    ByteBuffer buffer = ByteBuffer.allocate(512);
    try {
      while (true) {
        buffer.clear();
        InetSocketAddress asker = (InetSocketAddress) upstream.receive(buffer);
        byte[] query = new byte[buffer.flip().remaining()];
        buffer.get(query);
        askers.add(asker);
        ids.add((query[0] & 0xff) << 8 | (query[1] & 0xff));
        // From another port, with another id, another question, no question, and no reply at all.
        elsewhere.send(ByteBuffer.wrap(answer(query, 66)), asker);
        byte[] otherId = answer(query, 66);
        otherId[1] ^= 1;
        upstream.send(ByteBuffer.wrap(otherId), asker);
        byte[] otherQuestion = answer(query, 66);
        otherQuestion[13] ^= 1;
        upstream.send(ByteBuffer.wrap(otherQuestion), asker);
        byte[] unasked = answer(query, 66);
        unasked[5] = 0;
        unasked[3] |= 3;
        upstream.send(ByteBuffer.wrap(unasked), asker);
        byte[] noReply = answer(query, 66);
        noReply[2] &= 0x7f;
        upstream.send(ByteBuffer.wrap(noReply), asker);
        upstream.send(ByteBuffer.wrap(answer(query, 1)), asker);
      }
    } catch (ClosedChannelException _) {
      return;
    } catch (IOException fault) {
      throw new IllegalStateException(fault);
    }
  }

  private int ask(String name) throws IOException {
    byte[] reply = Client.exchange(task, "127.0.0.11", 53, question(name));
    assertThat(reply).startsWith(0x12, 0x34);
    return reply[reply.length - 1];
  }

  @Test
  void onlyTheAnswerToTheQuestionIsTaken() throws Exception {
    for (int turn = 0; turn < 8; turn++) {
      assertThat(ask("name" + turn + ".example.com")).isEqualTo(1);
    }
  }

  @Test
  void eachQuestionHasAPortAndAnIdThatEndWithIt() throws Exception {
    int questions = 100;
    try (var threads = Executors.newFixedThreadPool(8)) {
      List<Future<Integer>> answers =
          IntStream.range(0, questions)
              .mapToObj(turn -> threads.submit(() -> ask("port" + turn + ".example.com")))
              .toList();
      for (Future<Integer> each : answers) {
        assertThat(each.get()).isEqualTo(1);
      }
    }
    Set<Integer> ports = new HashSet<>();
    askers.forEach(asker -> ports.add(asker.getPort()));
    // A port may be drawn again: of 28,232, some 0.2 pairs are to be expected.
    assertThat(ports).hasSizeGreaterThan(questions - 10);
    assertThat(new HashSet<>(ids)).hasSizeGreaterThan(questions - 10);
    List<Integer> inOrder = askers.stream().map(InetSocketAddress::getPort).toList();
    long steps =
        IntStream.range(1, inOrder.size())
            .filter(each -> Math.abs(inOrder.get(each) - inOrder.get(each - 1)) < 16)
            .count();
    assertThat(steps).as("ports that follow from the one before").isLessThan(10);
    // None of them listens any more: the answers that come late meet nobody.
    for (int port : ports) {
      DatagramChannel channel =
          lab.host(1).namespace.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
      try (DatagramSocket again = channel.socket()) {
        Eventually.holds(
            "port " + port + " is free",
            () -> {
              again.bind(new InetSocketAddress("0.0.0.0", port));
              return true;
            });
      }
    }
  }

  /** One container's flood of questions that nobody answers leaves others theirs. */
  @Test
  void aFloodOfQuestionsIsBoundedForEachContainer() throws Exception {
    NetworkNamespace other =
        new NetworkNamespace(
            lab.host(1)
                .loop
                .attach(SwarmWorkloads.workload(swarm.task("web", 2, 1, 12)))
                .namespace()
                .orElseThrow());
    upstream.close();
    DatagramChannel flood = task.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
    try (DatagramSocket socket = flood.socket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.11"), 53));
      for (int turn = 0; turn < 129; turn++) {
        byte[] query = question("flood" + turn + ".example.com");
        socket.send(new DatagramPacket(query, query.length));
      }
      socket.setSoTimeout(4000);
      DatagramPacket reply = new DatagramPacket(new byte[512], 512);
      socket.receive(reply);
      assertThat(reply.getData()[3] & 15).as("one past the limit fails at once").isEqualTo(2);
      try (DatagramChannel again = socket(MeshLab.CLIENT, 53)) {
        upstream = again;
        Thread.ofPlatform().daemon().start(this::answerLate);
        byte[] answer = Client.exchange(other, "127.0.0.11", 53, question("mine.example.com"));
        assertThat(answer[answer.length - 1]).isEqualTo((byte) 1);
      }
    }
  }
}
