package dev.hanse.kernel.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.kernel.network.Flow;
import dev.hanse.kernel.nftables.Nftables;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;

class ConntrackTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int SERVICE = 9000;
  private static final int OTHER = 9100;

  /** A client that goes on sending from one port, and a rule that changes meanwhile. */
  @Test
  void aForgottenFlowMeetsTheNewRule() throws Exception {
    try (TestHost host = TestHost.create("conntrack");
        Conntrack conntrack = new Conntrack(host.namespace());
        DatagramChannel client = open(host, 0);
        DatagramChannel before = open(host, 9001);
        DatagramChannel after = open(host, 9002);
        DatagramChannel other = open(host, OTHER)) {
      translate(host, 9001);
      send(client, SERVICE);
      send(client, OTHER);
      assertThat(received(before)).isTrue();
      assertThat(received(other)).isTrue();
      int clientPort = ((InetSocketAddress) client.getLocalAddress()).getPort();
      assertThat(conntrack.flows())
          .containsExactlyInAnyOrder(
              new Flow("udp", LOOPBACK, clientPort, LOOPBACK, SERVICE, LOOPBACK, 9001, true),
              new Flow("udp", LOOPBACK, clientPort, LOOPBACK, OTHER, LOOPBACK, OTHER, false));

      translate(host, 9002);
      send(client, SERVICE);
      assertThat(received(before)).as("the kernel goes on as before").isTrue();
      assertThat(received(after)).isFalse();

      assertThat(conntrack.forget(flow -> flow.repliesFromPort() == 9001)).isEqualTo(1);
      assertThat(conntrack.flows()).extracting(Flow::destinationPort).containsExactly(OTHER);
      send(client, SERVICE);
      assertThat(received(after)).isTrue();
      assertThat(received(before)).isFalse();
    }
  }

  /** A connection that nobody answers, and one that is open. */
  @Test
  void aConnectionThatWasNotAnsweredIsLedToTheNewTarget() throws Exception {
    try (TestHost host = TestHost.create("conntrack-tcp");
        Conntrack conntrack = new Conntrack(host.namespace());
        ServerSocketChannel living = listen(host, 9002);
        SocketChannel open = connection(host);
        SocketChannel waiting = connection(host)) {
      assertThat(open.connect(new InetSocketAddress(LOOPBACK, 9002))).isTrue();
      new Nftables(host.namespace())
          .apply(
              "table ip dead { chain packets { type filter hook input priority 0; tcp dport 9001 drop; }; }");
      translateConnections(host, 9001);
      waiting.configureBlocking(false);
      waiting.connect(new InetSocketAddress(LOOPBACK, SERVICE));
      assertThat(conntrack.flows())
          .singleElement()
          .satisfies(
              flow -> {
                assertThat(flow.protocol()).isEqualTo("tcp");
                assertThat(flow.destinationPort()).isEqualTo(SERVICE);
                assertThat(flow.repliesFromPort()).isEqualTo(9001);
                assertThat(flow.translated()).isTrue();
              });

      translateConnections(host, 9002);
      assertThat(conntrack.forget(flow -> flow.repliesFromPort() == 9001)).isEqualTo(1);
      try (Selector selector = Selector.open()) {
        waiting.register(selector, SelectionKey.OP_CONNECT);
        assertThat(selector.select(20_000)).as("the SYN is repeated").isEqualTo(1);
      }
      assertThat(waiting.finishConnect()).isTrue();
      assertThat(conntrack.flows()).isEmpty();
    }
  }

  private static SocketChannel connection(TestHost host) throws IOException {
    return host.namespace()
        .<SocketChannel, IOException>call(() -> SocketChannel.open(StandardProtocolFamily.INET));
  }

  private static ServerSocketChannel listen(TestHost host, int port) throws IOException {
    ServerSocketChannel channel =
        host.namespace()
            .<ServerSocketChannel, IOException>call(
                () -> ServerSocketChannel.open(StandardProtocolFamily.INET));
    channel.bind(new InetSocketAddress(LOOPBACK, port));
    return channel;
  }

  @Test
  void manyFlowsAreForgottenAtOnce() throws Exception {
    try (TestHost host = TestHost.create("conntrack-many");
        Conntrack conntrack = new Conntrack(host.namespace());
        DatagramChannel client = open(host, 0)) {
      translate(host, 9001);
      for (int port = 20_000; port < 21_000; port++) {
        send(client, port);
      }
      assertThat(conntrack.flows()).hasSize(1000);
      assertThat(conntrack.forget(flow -> flow.destinationPort() != 20_000)).isEqualTo(999);
      assertThat(conntrack.flows()).extracting(Flow::destinationPort).containsExactly(20_000);
    }
  }

  @Test
  void eachTransactionChangesTheGeneration() {
    try (TestHost host = TestHost.create("generation");
        RulesetGeneration generation = RulesetGeneration.open(host.namespace())) {
      long first = generation.now();
      assertThat(generation.now()).isEqualTo(first);
      Nftables nftables = new Nftables(host.namespace());
      nftables.apply("add table ip one\nadd table ip two\n");
      assertThat(generation.now()).isEqualTo(first + 1);
      assertThat(nftables.list("list ruleset")).contains("one", "two");
      assertThat(generation.now()).isEqualTo(first + 1);
    }
  }

  private static DatagramChannel open(TestHost host, int port) throws IOException {
    DatagramChannel channel =
        host.namespace()
            .<DatagramChannel, IOException>call(
                () -> DatagramChannel.open(StandardProtocolFamily.INET));
    channel.bind(new InetSocketAddress(LOOPBACK, port));
    channel.configureBlocking(false);
    return channel;
  }

  private static void translate(TestHost host, int port) {
    translate(host, "udp", port);
  }

  private static void translateConnections(TestHost host, int port) {
    translate(host, "tcp", port);
  }

  private static void translate(TestHost host, String protocol, int port) {
    new Nftables(host.namespace())
        .apply(
            """
            table ip test
            delete table ip test
            table ip test {
              chain output {
                type nat hook output priority -100;
                %s dport %d dnat to 127.0.0.1:%d
              }
            }
            """
                .formatted(protocol, SERVICE, port));
  }

  private static void send(DatagramChannel client, int port) throws IOException {
    client.send(ByteBuffer.wrap(new byte[] {1}), new InetSocketAddress(LOOPBACK, port));
  }

  /** What was sent over the loopback is there when the sending returns. */
  private static boolean received(DatagramChannel server) throws IOException {
    return server.receive(ByteBuffer.allocate(16)) != null;
  }
}
