package dev.hanse.agent.network;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes datagrams at a port of a namespace. */
final class Inbox implements AutoCloseable {
  private static final int PATIENCE_MILLISECONDS = 5000;

  private final DatagramSocket socket;

  Inbox(NetworkNamespace namespace, int port) throws IOException {
    socket = namespace.call(() -> DatagramChannel.open(StandardProtocolFamily.INET)).socket();
    socket.setSoTimeout(PATIENCE_MILLISECONDS);
    socket.bind(new InetSocketAddress("0.0.0.0", port));
  }

  /** Everything up to that content, which was sent last. */
  List<String> until(String last) throws IOException {
    List<String> contents = new ArrayList<>();
    String content = "";
    while (!content.equals(last)) {
      DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
      socket.receive(packet);
      content = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
      contents.add(content);
    }
    return contents;
  }

  @Override
  public void close() {
    socket.close();
  }
}
