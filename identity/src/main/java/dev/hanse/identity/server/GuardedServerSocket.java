package dev.hanse.identity.server;

import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;

/** A listening socket each of whose connections has a {@link ConnectionGuard} before all else. */
final class GuardedServerSocket extends NioServerSocketChannel {
  private final PeerPlaces places;
  private final ClusterServer.Limits limits;

  GuardedServerSocket(PeerPlaces places, ClusterServer.Limits limits) {
    this.places = places;
    this.limits = limits;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int before = accepted.size();
    int count = super.doReadMessages(accepted);
    for (Object connection : accepted.subList(before, accepted.size())) {
      ((SocketChannel) connection).pipeline().addLast(new ConnectionGuard(places, limits));
    }
    return count;
  }
}
