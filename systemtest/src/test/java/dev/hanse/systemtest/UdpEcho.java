package dev.hanse.systemtest;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** Asks a UDP service that sends back what it gets. */
final class UdpEcho {
  private static final int TIMEOUT_MILLIS = 1000;

  private UdpEcho() {}

  /** What came back, empty when nothing did. */
  static String ask(String address, int port, String text) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      InetAddress target = InetAddress.ofLiteral(address);
      socket.send(new DatagramPacket(bytes, bytes.length, target, port));
      DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    } catch (SocketTimeoutException none) {
      return "";
    }
  }
}
