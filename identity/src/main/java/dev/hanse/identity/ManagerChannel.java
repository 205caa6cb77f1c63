package dev.hanse.identity;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.hanse.identity.certificate.Role;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;

/** Connections to managers, TCP port 2377 by default. */
public final class ManagerChannel {
  /** The port where managers listen unless told otherwise. */
  public static final int PORT_DEFAULT = 2377;

  /** A complete set of assignments with its secrets and configs is the largest answer. */
  private static final int MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final int KEEP_ALIVE_SECONDS = 10;

  private ManagerChannel() {}

  /**
   * A channel that shows the node's certificate and demands a manager of its cluster. It connects
   * when first used, and again after each failure; close it with {@code shutdownNow}.
   *
   * @param address "HOST" or "HOST:PORT", IPv6 hosts in brackets if a port follows
   * @throws IllegalArgumentException if the address has another form
   */
  public static ManagedChannel open(String address, TlsCredentials credentials) {
    return open(address, Role.MANAGER.organizationalUnit(), credentials.client());
  }

  static ManagedChannel open(String address, String serverName, SslContext tls) {
    return NettyChannelBuilder.forAddress(socketAddress(address))
        .overrideAuthority(serverName)
        .sslContext(tls)
        .eventLoopGroup(NetworkThreads.sockets())
        .channelType(NioSocketChannel.class)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        .executor(NetworkThreads.calls())
        .offloadExecutor(NetworkThreads.calls())
        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
        .keepAliveTime(KEEP_ALIVE_SECONDS, SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_SECONDS, SECONDS)
        .build();
  }

  /** Reads an address, adding the default port; a host name is looked up now. */
  public static InetSocketAddress socketAddress(String address) {
    String host = address;
    int port = PORT_DEFAULT;
    int colon = address.lastIndexOf(':');
    boolean bareIpv6 = colon != address.indexOf(':') && !address.startsWith("[");
    if (colon >= 0 && !bareIpv6 && !address.endsWith("]")) {
      host = address.substring(0, colon);
      port = port(address, address.substring(colon + 1));
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (host.isEmpty()) {
      throw new IllegalArgumentException("address without host: " + address);
    }
    return new InetSocketAddress(host, port);
  }

  private static int port(String address, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port > 0 && port < 65_536) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("invalid port in address " + address);
  }
}
