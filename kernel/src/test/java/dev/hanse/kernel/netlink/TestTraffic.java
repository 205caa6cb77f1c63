package dev.hanse.kernel.netlink;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Real TCP between namespaces: the server tells each client the address that it sees. */
public final class TestTraffic {
  private static final int TIMEOUT_MS = 5000;

  private TestTraffic() {}

  /** A server on all addresses of a host, until it is closed. */
  public static ServerSocketChannel serve(TestHost host, int port) throws IOException {
    ServerSocketChannel server =
        host.namespace().<ServerSocketChannel, IOException>call(ServerSocketChannel::open);
    server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    server.bind(new InetSocketAddress(port));
    Thread.ofVirtual().start(() -> answerAll(server));
    return server;
  }

  private static void answerAll(ServerSocketChannel server) {
    try {
      while (true) {
        try (SocketChannel client = server.accept()) {
          InetSocketAddress from = (InetSocketAddress) client.getRemoteAddress();
          String answer = "from " + from.getAddress().getHostAddress();
          client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
        }
      }
    } catch (IOException _) {
      // The server was closed.
    }
  }

  /** What a server says to a client on that host. */
  public static String ask(TestHost client, String address, int port) throws IOException {
    try (SocketChannel channel =
        client.namespace().<SocketChannel, IOException>call(SocketChannel::open)) {
      Socket socket = channel.socket();
      socket.connect(new InetSocketAddress(address, port), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Serves on one host and asks from the other. */
  public static String echo(TestHost client, TestHost server, String address, int port)
      throws IOException {
    try (ServerSocketChannel _ = serve(server, port)) {
      return ask(client, address, port);
    }
  }
}
