package dev.hanse.identity.server;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.hanse.identity.NetworkThreads;
import dev.hanse.identity.TlsCredentials;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The gRPC server that other nodes talk to, with its limits; services are added by the caller. */
public final class ClusterServer {
  /**
   * What a server accepts. Those without a certificate get nothing that those with one need.
   *
   * @param handshakesMax connections that have not ended their TLS handshake
   * @param strangersMax connections without a certificate
   * @param membersMax connections with a certificate of the cluster
   * @param perMemberMax of these, from one node
   * @param workerCallsMax calls at a time of one node that is no manager, on all its connections
   * @param workerRequestBytesMax the request of such a node where a call has but one; task reports
   *     are the largest
   * @param workerMessageBytesMax one message of such a node in a stream of them; logs are the
   *     largest
   * @param messageBytesMax one message of a manager. See {@link FrameGuard} for those without a
   *     certificate
   * @param handshakeTimeout from connect to the end of the TLS handshake
   * @param strangerLife after this a connection without a certificate ends
   */
  public record Limits(
      int handshakesMax,
      int strangersMax,
      int membersMax,
      int perMemberMax,
      int workerCallsMax,
      int workerRequestBytesMax,
      int workerMessageBytesMax,
      int messageBytesMax,
      Duration handshakeTimeout,
      Duration strangerLife) {
    /** Enough for a thousand nodes. */
    public static final Limits DEFAULT =
        new Limits(
            512,
            64,
            4_096,
            64,
            64,
            64 << 10,
            512 << 10,
            4 << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60));
  }

  /** What a message becomes is never longer than what was announced; no node compresses. */
  private static final DecompressorRegistry UNCOMPRESSED =
      DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false);

  private static final int CALLS_PER_CONNECTION_MAX = 1_000;
  private static final int HEADER_BYTES_MAX = 16 * 1024;
  private static final int KEEP_ALIVE_SECONDS = 20;
  private static final int CLIENT_KEEP_ALIVE_SECONDS_MIN = 5;

  private ClusterServer() {}

  /** A server on the address, not yet started. */
  public static NettyServerBuilder builder(
      InetSocketAddress listen, TlsCredentials credentials, AccessControl access, Limits limits) {
    PeerPlaces places = new PeerPlaces(limits);
    return NettyServerBuilder.forAddress(listen)
        .sslContext(credentials.server())
        .bossEventLoopGroup(NetworkThreads.sockets())
        .workerEventLoopGroup(NetworkThreads.sockets())
        .channelFactory(() -> new GuardedServerSocket(places, limits))
        .withOption(ChannelOption.SO_REUSEADDR, true)
        .executor(NetworkThreads.calls())
        .intercept(new WorkerCalls(limits)) // After the next one.
        .intercept(access)
        .decompressorRegistry(UNCOMPRESSED)
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
