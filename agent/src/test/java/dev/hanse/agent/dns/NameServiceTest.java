package dev.hanse.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.endpoints.EndpointTable;
import dev.hanse.health.Health;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.Links;
import dev.hanse.kernel.netlink.Netlink;
import dev.hanse.network.LocalTask;
import dev.hanse.network.NameServer;
import dev.hanse.network.TaskNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong inside of the one thread that serves the names of all tasks. */
@Tag("attack")
class NameServiceTest {
  private static final InetSocketAddress SERVER =
      new InetSocketAddress(NameServer.ADDRESS, NameServer.PORT);
  private static final int TRY_MS = 200;
  private static final int TRIES_MAX = 100;

  @TempDir Path directory;
  private final Health health = new Health();
  private NetworkNamespace task;
  private NameService names;
  private DatagramChannel upstream;

  @BeforeEach
  void open() throws Exception {
    task = NetworkNamespace.create(directory.resolve("task"));
    try (Netlink inside = Netlink.open(task)) {
      inside.apply(Links.up(inside.index("lo")));
    }
    upstream = task.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
    upstream.bind(new InetSocketAddress("127.0.0.2", 53));
    Thread.ofPlatform().daemon().start(this::answerEverything);
    names = NameService.start(health, task);
    names.open(
        "task1",
        task,
        List.of(InetAddress.ofLiteral("127.0.0.2")),
        TaskNames.of(
            EndpointTable.empty(),
            new LocalTask.Networking.Own(List.of(), Optional.empty(), List.of())));
  }

  @AfterEach
  void close() throws IOException {
    names.close();
    upstream.close();
    task.delete();
  }

  /** The server that questions are passed on to: it knows no name. */
  private void answerEverything() {
    ByteBuffer buffer = ByteBuffer.allocate(512);
    try {
      while (true) {
        buffer.clear();
        SocketAddress client = upstream.receive(buffer);
        buffer.put(2, (byte) (buffer.get(2) | 0x80)).put(3, (byte) 3).flip();
        upstream.send(buffer, client);
      }
    } catch (IOException closed) {
      return;
    }
  }

  private static byte[] query() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3});
    out.writeBytes("web".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(new byte[] {0, 0, 1, 0, 1});
    return out.toByteArray();
  }

  /** Asks as a program's resolver does: again, when nothing comes. */
  private void awaitAnswer() throws Exception {
    byte[] answer = new byte[512];
    try (DatagramChannel channel =
        task.call(() -> DatagramChannel.open(StandardProtocolFamily.INET))) {
      channel.connect(SERVER);
      channel.socket().setSoTimeout(TRY_MS);
      for (int tried = 0; tried < TRIES_MAX; tried++) {
        channel.write(ByteBuffer.wrap(query()));
        try {
          channel.socket().receive(new DatagramPacket(answer, answer.length));
          assertThat(answer).startsWith(0x12, 0x34);
          return;
        } catch (SocketTimeoutException again) {
          assertThat(tried).as("tries").isLessThan(TRIES_MAX - 1);
        }
      }
    }
  }

  @Test
  void whatever_a_zone_or_query_throws_names_are_answered() throws Exception {
    awaitAnswer();
    names.post(
        () -> {
          throw new UnsupportedOperationException("no such address family");
        });
    names.post(
        () -> {
          throw new StackOverflowError();
        });
    awaitAnswer();
    assertThat(health.report().isWell()).isTrue();
  }

  @Test
  void when_waiting_fails_it_is_begun_anew_with_all_open_sockets() throws Exception {
    awaitAnswer();
    try (SocketChannel channel = task.call(() -> SocketChannel.open(StandardProtocolFamily.INET));
        Socket client = channel.socket()) {
      channel.connect(SERVER);
      client.setSoTimeout(TRY_MS * TRIES_MAX);
      client
          .getOutputStream()
          .write(
              ByteBuffer.allocate(2 + query().length)
                  .putShort((short) query().length)
                  .put(query())
                  .array());
      assertThat(client.getInputStream().readNBytes(2)).as("it is served").hasSize(2);
      names.selector().close();
      awaitAnswer();
      client.getInputStream().skipNBytes(query().length);
      // Who was connected is cut and may connect again.
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
    names.selector().close();
    awaitAnswer();
    assertThat(health.vitalFaults()).isEmpty();
  }
}
