package dev.hanse.identity;

import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening socket that closes new connections beyond a limit at once, before they cost a
 * handshake.
 */
final class LimitedServerSocket extends NioServerSocketChannel {
  private static final Logger log = LoggerFactory.getLogger(LimitedServerSocket.class);

  private final int connectionsMax;
  // Accepted on the listening thread, closed on others.
  private final java.util.concurrent.atomic.AtomicInteger connections =
      new java.util.concurrent.atomic.AtomicInteger();

  LimitedServerSocket(int connectionsMax) {
    this.connectionsMax = connectionsMax;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int before = accepted.size();
    int count = super.doReadMessages(accepted);
    for (int i = accepted.size() - 1; i >= before; i--) {
      SocketChannel connection = (SocketChannel) accepted.get(i);
      if (connections.incrementAndGet() > connectionsMax) {
        connections.decrementAndGet();
        log.warn("refused a connection: {} are open", connectionsMax);
        accepted.remove(i);
        connection.unsafe().closeForcibly();
      } else {
        var unused = connection.closeFuture().addListener(closed -> connections.decrementAndGet());
      }
    }
    return count;
  }
}
