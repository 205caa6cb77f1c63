package dev.hanse.identity.server;

import dev.hanse.bounds.Places;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The places of a server for other nodes. Connections whose handshake is not over compete among
 * themselves, by address; those that have shown no certificate (a node that joins has none) do
 * likewise; those with one have places that nobody without can take, a share for each node.
 */
final class PeerPlaces {
  private static final Logger log = LoggerFactory.getLogger(PeerPlaces.class);

  private final Places<Channel> handshakes;
  private final Places<Channel> strangers;
  private final Places<Channel> members;

  PeerPlaces(ClusterServer.Limits limits) {
    int handshakesMax = limits.handshakesMax();
    int strangersMax = limits.strangersMax();
    this.handshakes = new Places<>(handshakesMax, handshakesMax);
    this.strangers = new Places<>(strangersMax, Math.max(1, strangersMax / 2));
    this.members = new Places<>(limits.membersMax(), limits.perMemberMax());
  }

  /** A connection has come. */
  void connected(Channel connection) {
    handshakes.take(source(connection), connection).ifPresent(out -> cut(out, "handshakes"));
  }

  /** It has said something. */
  void spoke(Channel connection) {
    handshakes.spoke(connection);
  }

  /** Its handshake has ended without a certificate. */
  void stranger(Channel connection) {
    if (handshakes.free(connection)) {
      strangers.take(source(connection), connection).ifPresent(out -> cut(out, "strangers"));
    }
  }

  /** Its handshake has ended with the certificate of this node. */
  void member(Channel connection, String nodeId) {
    if (handshakes.free(connection)) {
      members.take(nodeId, connection).ifPresent(out -> cut(out, "connections of nodes"));
    }
  }

  /** It is closed. */
  void closed(Channel connection) {
    boolean unused =
        handshakes.free(connection) || strangers.free(connection) || members.free(connection);
  }

  private static void cut(Channel connection, String kind) {
    log.debug("closed {}: too many {}", connection.remoteAddress(), kind);
    // Before TLS and HTTP/2, which would first say farewell, and wait until all calls have ended.
    ChannelHandlerContext first = connection.pipeline().firstContext();
    if (first != null) { // It may be closed by now.
      var unused = first.close();
    }
  }

  private static Object source(Channel connection) {
    return Optional.ofNullable(connection.remoteAddress())
        .filter(InetSocketAddress.class::isInstance)
        .map(address -> ((InetSocketAddress) address).getAddress())
        .map((InetAddress address) -> Places.source(address))
        .orElse(PeerPlaces.class);
  }
}
