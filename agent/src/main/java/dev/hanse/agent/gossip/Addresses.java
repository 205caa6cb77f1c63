package dev.hanse.agent.gossip;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Addresses as the gossip writes them: {@code 10.0.0.1:7946}, {@code [fd00::1]:7946}. */
final class Addresses {
  private Addresses() {}

  static String text(InetAddress address, int port) {
    String withZone = address.getHostAddress(); // A zone is this host's word for it.
    int zone = withZone.indexOf('%');
    String host = zone < 0 ? withZone : withZone.substring(0, zone);
    return (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
  }

  /**
   * Reads one; asks no name server.
   *
   * @throws IllegalArgumentException for anything else
   */
  static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("no IP:PORT: " + text);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new InetSocketAddress(
        InetAddress.ofLiteral(host), Integer.parseInt(text.substring(colon + 1)));
  }
}
