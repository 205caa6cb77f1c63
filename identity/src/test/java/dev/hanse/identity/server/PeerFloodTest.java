package dev.hanse.identity.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.identity.ManagerChannel;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CurrentKey;
import dev.hanse.identity.certificate.Role;
import dev.hanse.identity.certificate.SigningAuthority;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Somebody without a certificate does what it can to the port where nodes meet, from the address of
 * a node and from others; a node with one opens connections and is served all the while.
 */
@Tag("attack")
class PeerFloodTest {
  private static final int IDLE = 4_096;
  private static final int CALLS = 5;
  private static final String OPEN = "test.Peer/Open";
  private static final String CLOSED = "test.Peer/Closed";

  @TempDir Path directory;
  private final ExecutorService attackers = Executors.newVirtualThreadPerTaskExecutor();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Server server;
  private TlsCredentials credentials;

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return TestPeers.method(name, MethodDescriptor.MethodType.UNARY);
  }

  @BeforeEach
  void start() throws Exception {
    SigningAuthority authority = SigningAuthority.create(Instant.now(), new SecureRandom());
    credentials = TestPeers.credentials(authority, "n", Role.MANAGER, directory);
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder("test.Peer");
    for (String name : List.of(OPEN, CLOSED)) {
      service.addMethod(
          method(name),
          ServerCalls.asyncUnaryCall(
              (question, answer) -> {
                answer.onNext(question);
                answer.onCompleted();
              }));
    }
    Map<String, AccessControl.Access> rules =
        Map.of(OPEN, AccessControl.Access.ANYONE, CLOSED, AccessControl.Access.NODES);
    server =
        ClusterServer.builder(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                credentials,
                new AccessControl(rules, () -> TestPeers.MEMBERSHIP, InstantSource.system()),
                ClusterServer.Limits.DEFAULT)
            .addService(service.build())
            .build()
            .start();
  }

  @AfterEach
  void stop() throws Exception {
    attackers.shutdownNow();
    assertThat(attackers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    for (AutoCloseable each : open) {
      each.close();
    }
    server.shutdownNow();
  }

  /** Each time on a connection of its own. */
  private void nodesAreServed() {
    for (int i = 0; i < CALLS; i++) {
      ManagedChannel channel = ManagerChannel.open("127.0.0.1:" + server.getPort(), credentials);
      try {
        byte[] answer =
            ClientCalls.blockingUnaryCall(
                channel,
                method(CLOSED),
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                new byte[] {(byte) i});
        assertThat(answer).containsExactly(i);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private interface Attack {
    void run() throws Exception;
  }

  /** Again and again, by many, until the nodes have been served. */
  private void under(int many, Attack attack) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(many);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      running.add(
          attackers.submit(
              () -> {
                do {
                  try {
                    attack.run();
                  } catch (IOException cut) {
                    // As it should be: again.
                    assertThat(cut).isNotInstanceOf(SocketTimeoutException.class);
                  }
                  begun.countDown();
                } while (!over.get());
                return null;
              }));
    }
    try {
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      nodesAreServed();
    } finally {
      over.set(true);
    }
    for (Future<?> each : running) {
      each.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void four_thousand_idle_connections_keep_no_node_out() throws Exception {
    for (int i = 0; i < IDLE; i++) {
      open.add(RawClient.socket(i % 2 == 0 ? "127.0.0.1" : "127.0.0." + (2 + i % 50), port()));
    }
    nodesAreServed();
    under(
        1,
        () -> {
          try (Socket silent = RawClient.socket("127.0.0.2", port())) {
            assertThat(silent.isConnected()).isTrue();
          }
        });
  }

  @Test
  void half_handshakes_keep_no_node_out() throws Exception {
    byte[] hello = RawClient.hello();
    for (int i = 0; i < 1_000; i++) {
      Socket socket = RawClient.socket(i % 2 == 0 ? "127.0.0.1" : "127.0.0.2", port());
      open.add(socket);
      try {
        socket.getOutputStream().write(hello);
      } catch (IOException cut) {
        // Another took its place.
      }
    }
    nodesAreServed();
    // A handshake is a handshake's bytes: who says more is cut off.
    Socket chatty = RawClient.socket("127.0.0.3", port());
    open.add(chatty);
    byte[] record = new byte[16_384];
    System.arraycopy(new byte[] {22, 3, 1, 0x3f, (byte) 0xfb, 1, 0, (byte) 0xff}, 0, record, 0, 8);
    chatty.setSoTimeout(20_000);
    boolean cut = false;
    try {
      for (int i = 0; i < 64; i++) {
        chatty.getOutputStream().write(record);
      }
      cut = chatty.getInputStream().readAllBytes().length < 64;
    } catch (IOException reset) {
      cut = !(reset instanceof SocketTimeoutException);
    }
    assertThat(cut).isTrue();
  }

  @Test
  void strangers_take_no_more_than_their_places_and_their_memory() throws Exception {
    int connections = 3 * ClusterServer.Limits.DEFAULT.strangersMax();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      RawClient client = RawClient.connect("127.0.0." + (1 + i % 4), port());
      clients.add(client);
      open.add(client);
      try {
        unfinished(client, 1, 60_000);
      } catch (IOException cut) {
        // Another took its place.
      }
    }
    nodesAreServed();
    // The oldest of the sources with the most have gone.
    for (RawClient early : clients.subList(0, connections / 2)) {
      assertThat(early.awaitEnd()).isTrue();
    }
  }

  /** A message that is announced with four megabytes, and so much of it. */
  private static void unfinished(RawClient client, int stream, int bytes) throws IOException {
    client.call(stream, "/" + OPEN);
    client.frame(RawClient.DATA, 0, stream, new byte[] {0, 0, 0x40, 0, 0});
    for (int sent = 0; sent < bytes; sent += 10_000) {
      client.frame(RawClient.DATA, 0, stream, new byte[Math.min(10_000, bytes - sent)]);
      client.flush();
    }
  }

  @Test
  void a_strangers_message_may_have_64_kilobytes_and_not_one_more() throws Exception {
    try (RawClient client = RawClient.connect("127.0.0.1", port())) {
      unfinished(client, 1, FrameGuard.MESSAGE_BYTES_MAX);
      client.frame(RawClient.PING, 0, 0, new byte[8]);
      client.flush();
      assertThat(client.awaitFrame(RawClient.PING)).isTrue();
      client.frame(RawClient.DATA, 0, 1, new byte[1]);
      client.flush();
      assertThat(client.awaitEnd()).isTrue();
    }
    under(2, () -> flood(RawClient.connect("127.0.0.1", port()), Flood.MESSAGES, 400));
  }

  private enum Flood {
    RAPID_RESET,
    EMPTY_DATA,
    CONTINUATION,
    SETTINGS,
    PING,
    PRIORITY,
    UNKNOWN,
    MESSAGES
  }

  /** Sends frames until the server hangs up, or the last is sent; then it must hang up. */
  private static void flood(RawClient client, Flood flood, int frames) throws IOException {
    try (client) {
      if (flood == Flood.EMPTY_DATA) {
        client.call(1, "/" + OPEN);
      }
      if (flood == Flood.CONTINUATION) {
        client.frame(RawClient.HEADERS, 0, 1);
      }
      for (int i = 0; i < frames; i++) {
        int stream = 2 * i + 1;
        switch (flood) {
          case RAPID_RESET -> {
            client.call(stream, "/" + OPEN);
            client.frame(RawClient.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
          }
          case EMPTY_DATA -> client.frame(RawClient.DATA, 0, 1);
          case CONTINUATION -> client.frame(RawClient.CONTINUATION, 0, 1);
          case SETTINGS -> client.frame(RawClient.SETTINGS, 0, 0);
          case PING -> client.frame(RawClient.PING, 0, 0, new byte[8]);
          case PRIORITY -> client.frame(RawClient.PRIORITY, 0, 1, new byte[] {0, 0, 0, 0, 1});
          case UNKNOWN -> client.frame(0x77, 0, 0);
          case MESSAGES -> unfinished(client, stream, 30_000);
        }
        if (i % 100 == 0) {
          client.flush();
        }
      }
      client.flush();
      assertThat(client.awaitEnd()).as("cut off for %s", flood).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Flood.class)
  void who_floods_without_a_certificate_is_cut_off_and_nodes_are_served(Flood flood)
      throws Exception {
    under(2, () -> flood(RawClient.connect("127.0.0.1", port()), flood, 1_000));
  }

  @ParameterizedTest
  @EnumSource(
      names = {"RAPID_RESET", "MESSAGES"}, // Ten thousand calls take longer than they tell.
      mode = EnumSource.Mode.EXCLUDE)
  void a_node_that_floods_is_cut_off(Flood flood) throws Exception {
    KeyManager own = new CurrentKey(credentials::identity);
    try {
      flood(
          RawClient.connect("127.0.0.1", port(), own),
          flood,
          FrameGuard.MEMBER_IDLE_FRAMES_MAX + 1_000);
    } catch (IOException cut) {
      assertThat(cut).isNotInstanceOf(SocketTimeoutException.class);
    }
    nodesAreServed();
  }

  @Test
  void one_node_has_a_share_of_the_places_of_nodes() throws Exception {
    KeyManager own = new CurrentKey(credentials::identity);
    RawClient first = RawClient.connect("127.0.0.1", port(), own);
    open.add(first);
    assertThat(first.awaitFrame(RawClient.SETTINGS)).isTrue(); // The server knows it by now.
    for (int i = 0; i < ClusterServer.Limits.DEFAULT.perMemberMax(); i++) {
      open.add(RawClient.connect("127.0.0.1", port(), own));
    }
    assertThat(first.awaitEnd()).isTrue();
    nodesAreServed();
  }

  @Test
  void frames_are_found_however_their_bytes_are_cut() {
    List<String> whole = new ArrayList<>();
    List<String> pieces = new ArrayList<>();
    byte[] bytes =
        ByteBuffer.allocate(24 + 9 + 3 + 9)
            .put(new byte[24])
            .put(new byte[] {0, 0, 3, 0, 1, 0, 0, 0, 5, 1, 2, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0})
            .array();
    FrameScanner one =
        new FrameScanner(
            (type, flags, stream, length) ->
                whole.add(type + " " + flags + " " + stream + " " + length));
    one.scan(Unpooled.wrappedBuffer(bytes));
    FrameScanner other =
        new FrameScanner(
            (type, flags, stream, length) ->
                pieces.add(type + " " + flags + " " + stream + " " + length));
    for (byte each : bytes) {
      other.scan(Unpooled.wrappedBuffer(new byte[] {each}));
    }
    assertThat(whole).containsExactly("0 1 5 3", "4 0 0 0").isEqualTo(pieces);
  }

  private int port() {
    return server.getPort();
  }
}
