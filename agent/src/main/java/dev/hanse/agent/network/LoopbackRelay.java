package dev.hanse.agent.network;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers published TCP ports on the host's own {@code [::1]}: the packet rules cannot turn an IPv6
 * connection into one of IPv4, and many programs try {@code localhost} there first. Each connection
 * is passed on to 127.0.0.1, so the container sees the same client as there. Where a program of the
 * host listens on that port of {@code [::1]}, it keeps it.
 *
 * <p>One thread owns it; connections are served on virtual threads.
 */
final class LoopbackRelay implements AutoCloseable {
  /** Connections at once on a node; each has two buffers. More are closed at once. */
  static final int CONNECTIONS_MAX = 256;

  private static final Logger LOG = LoggerFactory.getLogger(LoopbackRelay.class);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(1);
  private static final int BACKLOG = 128;
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");
  private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");

  private final NetworkNamespace host;
  private final Semaphore connections;
  private final SortedMap<Integer, Listener> listeners = new TreeMap<>();

  /** A port that is answered, and the thread that accepts. */
  private record Listener(ServerSocketChannel channel, Thread acceptor) {}

  LoopbackRelay(NetworkNamespace host) {
    this(host, CONNECTIONS_MAX);
  }

  LoopbackRelay(NetworkNamespace host, int connectionsMax) {
    this.host = host;
    this.connections = new Semaphore(connectionsMax);
  }

  /**
   * Answers these ports and no others; connections that are open go on. A port that cannot be taken
   * is tried again the next time.
   */
  void follow(Set<Integer> ports) {
    listeners
        .entrySet()
        .removeIf(
            listener -> {
              boolean gone = !ports.contains(listener.getKey());
              if (gone) {
                close(listener.getValue());
              }
              return gone;
            });
    for (int port : ports) {
      if (!listeners.containsKey(port)) {
        listen(port);
      }
    }
  }

  private void listen(int port) {
    try {
      ServerSocketChannel channel =
          host.call(
              () -> {
                ServerSocketChannel made = ServerSocketChannel.open(StandardProtocolFamily.INET6);
                try {
                  return made.bind(new InetSocketAddress(IPV6, port), BACKLOG);
                } catch (IOException taken) {
                  made.close();
                  throw taken;
                }
              });
      Thread acceptor = Thread.ofVirtual().name("relay-" + port).start(() -> accept(channel, port));
      listeners.put(port, new Listener(channel, acceptor));
    } catch (IOException | UnsupportedOperationException taken) {
      LOG.debug("port {} is not answered on ::1: {}", port, taken.getMessage());
    }
  }

  private void accept(ServerSocketChannel listener, int port) {
    while (listener.isOpen()) {
      try {
        SocketChannel client = listener.accept();
        if (connections.tryAcquire()) {
          Thread.ofVirtual().name("relay-" + port).start(() -> serve(client, port));
        } else {
          reset(client);
        }
      } catch (IOException closedOrFull) {
        if (listener.isOpen()) {
          LOG.warn("accepting on port {} of ::1: {}", port, closedOrFull.getMessage());
          pause();
        }
      }
    }
  }

  /** The process has no descriptor left, which others will give back. */
  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel client, int port) {
    try (SocketChannel server = host.call(() -> SocketChannel.open(StandardProtocolFamily.INET))) {
      server.connect(new InetSocketAddress(IPV4, port));
      Thread back = Thread.ofVirtual().name("relay-" + port).start(() -> pump(server, client));
      pump(client, server);
      back.join();
      client.close();
    } catch (IOException refused) {
      LOG.debug("port {} of ::1: {}", port, refused.getMessage());
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } finally {
      reset(client); // Does nothing if it has come to its end.
      connections.release();
    }
  }

  /** Until the end of what one side sends, which the other side is told; a fault ends both. */
  private static void pump(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException broken) {
      reset(from);
      reset(to);
    }
  }

  /** As a port on which nobody listens does, or a program that was killed. */
  private static void reset(SocketChannel channel) {
    try {
      if (channel.isOpen()) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
      channel.close();
    } catch (IOException gone) {
      LOG.debug("closing a connection of ::1", gone);
    }
  }

  /** The kernel closes it when nobody accepts on it any more. */
  private static void close(Listener listener) {
    try {
      listener.channel().close();
      listener.acceptor().join(CLOSE_WAIT_MAX);
    } catch (IOException gone) {
      LOG.debug("closing a listener of ::1", gone);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    follow(Set.of());
  }
}
