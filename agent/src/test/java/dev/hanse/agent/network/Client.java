package dev.hanse.agent.network;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client somewhere. */
final class Client {
  private static final int TIMEOUT_MILLISECONDS = 2000;

  /** As long as the C library's resolver waits. */
  private static final int DATAGRAM_TIMEOUT_MILLISECONDS = 5000;

  private Client() {}

  /** Opens a connection; the caller closes it. */
  static Socket connect(NetworkNamespace namespace, String address, int port) throws IOException {
    return connect(namespace, address, port, TIMEOUT_MILLISECONDS);
  }

  /** Opens a connection with as much patience. */
  static Socket connect(
      NetworkNamespace namespace, String address, int port, int timeoutMilliseconds)
      throws IOException {
    SocketChannel channel = namespace.call(() -> SocketChannel.open(StandardProtocolFamily.INET));
    Socket socket = channel.socket();
    socket.setSoTimeout(TIMEOUT_MILLISECONDS);
    try {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral(address), port), timeoutMilliseconds);
    } catch (IOException fault) {
      socket.close();
      throw fault;
    }
    return socket;
  }

  /** The server's greeting: its name and our address as it sees it. */
  static String ask(NetworkNamespace namespace, String address, int port) throws IOException {
    try (Socket socket = connect(namespace, address, port)) {
      return greeting(socket);
    }
  }

  static String greeting(Socket socket) throws IOException {
    String line =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    if (line == null) {
      throw new IOException("closed without a greeting");
    }
    return line;
  }

  /** The same by UDP. */
  static String askByUdp(NetworkNamespace namespace, String address, int port) throws IOException {
    byte[] answer = exchange(namespace, address, port, "hello".getBytes(StandardCharsets.UTF_8));
    return new String(answer, StandardCharsets.UTF_8).strip();
  }

  /** Sends a datagram from a connected socket and returns what comes back. */
  static byte[] exchange(NetworkNamespace namespace, String address, int port, byte[] message)
      throws IOException {
    DatagramChannel channel =
        namespace.call(() -> DatagramChannel.open(StandardProtocolFamily.INET));
    try (DatagramSocket socket = channel.socket()) {
      socket.setSoTimeout(DATAGRAM_TIMEOUT_MILLISECONDS);
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port));
      socket.send(new DatagramPacket(message, message.length));
      byte[] buffer = new byte[65_535];
      DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
      socket.receive(answer);
      return Arrays.copyOf(buffer, answer.getLength());
    }
  }

  /** Opens a socket that goes on sending from one port; the caller closes it. */
  static DatagramSocket datagrams(NetworkNamespace namespace, String address, int port)
      throws IOException {
    DatagramSocket socket =
        namespace.call(() -> DatagramChannel.open(StandardProtocolFamily.INET)).socket();
    socket.setSoTimeout(TIMEOUT_MILLISECONDS);
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    return socket;
  }

  /** The server's greeting to a datagram. */
  static String greeting(DatagramSocket socket) throws IOException {
    socket.send(new DatagramPacket(new byte[] {1}, 1));
    DatagramPacket answer = new DatagramPacket(new byte[512], 512);
    socket.receive(answer);
    return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8).strip();
  }
}
