package dev.hanse.identity;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The gRPC server that other nodes talk to, with its limits; services are added by the caller. */
public final class ClusterServer {
  /**
   * What a server accepts.
   *
   * @param connectionsMax open connections
   * @param messageBytesMax one request message; log messages and task reports are the largest
   * @param handshakeTimeout from connect to the end of the TLS handshake
   */
  public record Limits(int connectionsMax, int messageBytesMax, Duration handshakeTimeout) {
    /** Enough for a thousand nodes. */
    public static final Limits DEFAULT = new Limits(4_096, 4 * 1024 * 1024, Duration.ofSeconds(10));
  }

  private static final int CALLS_PER_CONNECTION_MAX = 1_000;
  private static final int HEADER_BYTES_MAX = 16 * 1024;
  private static final int KEEP_ALIVE_SECONDS = 20;
  private static final int CLIENT_KEEP_ALIVE_SECONDS_MIN = 5;

  private ClusterServer() {}

  /** A server on the address, not yet started. */
  public static NettyServerBuilder builder(
      InetSocketAddress listen, TlsCredentials credentials, AccessControl access, Limits limits) {
    return NettyServerBuilder.forAddress(listen)
        .sslContext(credentials.server())
        .bossEventLoopGroup(NetworkThreads.sockets())
        .workerEventLoopGroup(NetworkThreads.sockets())
        .channelFactory(() -> new LimitedServerSocket(limits.connectionsMax()))
        .withOption(ChannelOption.SO_REUSEADDR, true)
        .executor(NetworkThreads.calls())
        .intercept(access)
        .handshakeTimeout(limits.handshakeTimeout().toMillis(), MILLISECONDS)
        .maxInboundMessageSize(limits.messageBytesMax())
        .maxInboundMetadataSize(HEADER_BYTES_MAX)
        .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION_MAX)
        .keepAliveTime(KEEP_ALIVE_SECONDS, SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_SECONDS, SECONDS)
        .permitKeepAliveTime(CLIENT_KEEP_ALIVE_SECONDS_MIN, SECONDS)
        .permitKeepAliveWithoutCalls(true);
  }
}
