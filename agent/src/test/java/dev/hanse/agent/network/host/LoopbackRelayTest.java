package dev.hanse.agent.network.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.health.Health;
import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On this machine's own loopback interface. */
class LoopbackRelayTest {
  private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");
  private static final int MAX = 3;

  private final LoopbackRelay relay =
      new LoopbackRelay(new Health(), NetworkNamespace.current(), MAX);
  private ServerSocket server;
  private int port;

  /** Answers with what it was sent, once that has come to its end. */
  @BeforeEach
  void serve() throws Exception {
    server = new ServerSocket(0, 50, IPV4);
    port = server.getLocalPort();
    ServerSocket serving = server;
    Thread.ofVirtual()
        .start(
            () -> {
              while (!serving.isClosed()) {
                try {
                  Socket client = serving.accept();
                  Thread.ofVirtual().start(() -> echo(client));
                } catch (IOException closed) {
                  return;
                }
              }
            });
  }

  private static void echo(Socket client) {
    try (client) {
      client.getOutputStream().write(client.getInputStream().readAllBytes());
    } catch (IOException broken) {
      // The test says what is wrong.
    }
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
    server.close();
  }

  private static String ask(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    client.shutdownOutput();
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private String ask(String text) throws IOException {
    try (Socket client = new Socket(IPV6, port)) {
      return ask(client, text);
    }
  }

  @Test
  void aPublishedPortAnswersOnIpv6UntilItIsNoMore() throws Exception {
    relay.follow(Set.of(port));
    String large = "x".repeat(1 << 20);
    assertThat(ask(large)).isEqualTo(large);
    relay.follow(Set.of(port));
    assertThat(ask("again")).isEqualTo("again");
    relay.follow(Set.of());
    assertThatThrownBy(() -> ask("gone")).isInstanceOf(ConnectException.class);
  }

  @Test
  void whoListensThereAlreadyKeepsThePort() throws Exception {
    try (ServerSocket other = new ServerSocket(port, 50, IPV6)) {
      relay.follow(Set.of(port));
      try (Socket client = new Socket(IPV6, port);
          Socket accepted = other.accept()) {
        assertThat(accepted.getPort()).isEqualTo(client.getLocalPort());
      }
    }
    relay.follow(Set.of(port));
    assertThat(ask("free now")).isEqualTo("free now");
  }

  @Test
  void whatNobodyServesIsReset() throws Exception {
    server.close();
    relay.follow(Set.of(port));
    assertThatThrownBy(() -> ask("nobody")).isInstanceOf(SocketException.class);
  }

  @Test
  void connectionsAreBoundedAndGivenBack() throws Exception {
    relay.follow(Set.of(port));
    List<Socket> open = new ArrayList<>();
    for (int i = 0; i < MAX; i++) {
      Socket client = new Socket(IPV6, port);
      client.getOutputStream().write('x');
      open.add(client);
    }
    assertThatThrownBy(() -> ask("one too many")).isInstanceOf(SocketException.class);
    for (Socket client : open) {
      assertThat(ask(client, "y")).isEqualTo("xy");
      client.close();
    }
    // Given back a moment after the client has seen the end.
    long end = System.nanoTime() + 10_000_000_000L;
    while (!answers()) {
      assertThat(System.nanoTime()).as("a place is given back").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Test
  @Tag("attack")
  void whenAcceptingFailsItIsBegunAnewOnAllPorts() throws Exception {
    relay.follow(Set.of(port));
    assertThat(ask("before")).isEqualTo("before");
    relay.selector().close();
    assertThat(ask("after")).isEqualTo("after");
    relay.follow(Set.of());
    assertThatThrownBy(() -> ask("gone")).isInstanceOf(ConnectException.class);
  }

  private boolean answers() {
    try {
      return ask("z").equals("z");
    } catch (IOException full) {
      return false;
    }
  }
}
