package dev.hanse.node;

import dev.hanse.node.membership.AdvertiseAddress;
import dev.hanse.web.HttpListener.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code --host}: where the Docker Engine API listens. */
final class Listeners {
  private static final String UNIX = "unix://";
  private static final String TCP = "tcp://";

  /** Who is in it may use the unix socket, as with Docker. */
  private static final String GROUP = "docker";

  private static final int PLAIN_PORT = 2375;
  private static final int TLS_PORT = 2376;

  private Listeners() {}

  /**
   * The end points that the user asked for.
   *
   * @param tlsDirectory holds ca.pem, cert.pem and key.pem; without it TCP is in plain text
   * @param plainTcpAllowed whether the user accepts that
   * @throws IOException when a form is unknown, or TCP without TLS is not accepted
   */
  static List<Endpoint> parse(
      List<String> hosts, Optional<Path> tlsDirectory, boolean plainTcpAllowed) throws IOException {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String host : hosts) {
      endpoints.add(parse(host, tlsDirectory, plainTcpAllowed));
    }
    return endpoints;
  }

  private static Endpoint parse(String host, Optional<Path> tlsDirectory, boolean plainTcpAllowed)
      throws IOException {
    if (host.startsWith(UNIX)) {
      return new Endpoint.UnixSocket(
          Path.of(host.substring(UNIX.length())).toAbsolutePath(), GROUP);
    }
    if (!host.startsWith(TCP)) {
      throw new IOException("invalid --host " + host + ": use unix:///path or tcp://address:port");
    }
    String address = host.substring(TCP.length());
    if (tlsDirectory.isPresent()) {
      Path directory = tlsDirectory.get();
      return new Endpoint.MutualTls(
          socketAddress(address, TLS_PORT),
          directory.resolve("ca.pem"),
          directory.resolve("cert.pem"),
          directory.resolve("key.pem"));
    }
    if (!plainTcpAllowed) {
      throw new IOException(
          "--host "
              + host
              + " needs --tls-dir with ca.pem, cert.pem and key.pem; without TLS whoever reaches"
              + " the port controls this host (--insecure-tcp allows that)");
    }
    return new Endpoint.PlainTcp(socketAddress(address, PLAIN_PORT));
  }

  private static InetSocketAddress socketAddress(String address, int defaultPort)
      throws IOException {
    return new InetSocketAddress(
        AdvertiseAddress.withoutPort(address), AdvertiseAddress.port(address, defaultPort));
  }
}
