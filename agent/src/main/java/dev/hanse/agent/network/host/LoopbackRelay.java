package dev.hanse.agent.network.host;

import dev.hanse.health.Apart;
import dev.hanse.health.FaultPolicy;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers published TCP ports on the host's own {@code [::1]}: the packet rules cannot turn an IPv6
 * connection into one of IPv4, and many programs try {@code localhost} there first. Each connection
 * is passed on to 127.0.0.1, so the container sees the same client as there. Where a program of the
 * host listens on that port of {@code [::1]}, it keeps it.
 *
 * <p>One thread owns the listeners, another accepts on all of them; connections are served on
 * virtual threads.
 */
final class LoopbackRelay implements Turn<Set<SelectionKey>>, AutoCloseable {
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
  private final Map<Integer, ServerSocketChannel> listeners = new ConcurrentSkipListMap<>();
  private final OwnerThread acceptor;

  /** Who waits until what was closed is closed for the kernel, too. */
  private final Queue<CountDownLatch> closing = new ConcurrentLinkedQueue<>();

  /** Of the acceptor. */
  private final List<CountDownLatch> passed = new ArrayList<>();

  /** Replaced by the acceptor. */
  private volatile Selector selector;

  LoopbackRelay(Health health, NetworkNamespace host) {
    this(health, host, CONNECTIONS_MAX);
  }

  LoopbackRelay(Health health, NetworkNamespace host, int connectionsMax) {
    this.host = host;
    this.connections = new Semaphore(connectionsMax);
    try {
      this.selector = Selector.open();
    } catch (IOException fault) {
      throw new UncheckedIOException("begin to answer on ::1", fault);
    }
    this.acceptor =
        OwnerThread.named(health, "relay")
            .policy(FaultPolicy.rebuild(this::beginAnew))
            .of(this)
            .start();
  }

  /**
   * Answers these ports and no others; connections that are open go on. A port that cannot be taken
   * is tried again the next time.
   */
  void follow(Set<Integer> ports) {
    CountDownLatch gone = new CountDownLatch(1);
    if (listeners.entrySet().removeIf(each -> !ports.contains(each.getKey()) && close(each))) {
      closing.add(gone);
      selector.wakeup();
      awaitClosed(gone);
    }
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
      try {
        channel.configureBlocking(false);
        listeners.put(port, channel);
        register(port, channel);
      } catch (IOException | RuntimeException fault) {
        listeners.remove(port);
        throw fault;
      } finally {
        if (!listeners.containsKey(port)) {
          channel.close();
        }
      }
      selector.wakeup();
    } catch (IOException | UnsupportedOperationException | ClosedSelectorException taken) {
      LOG.debug("port {} is not answered on ::1: {}", port, taken.getMessage());
    }
  }

  private void register(int port, ServerSocketChannel channel) throws IOException {
    while (true) {
      Selector present = selector;
      try {
        SelectionKey unused = channel.register(present, SelectionKey.OP_ACCEPT, port);
        return;
      } catch (ClosedSelectorException replaced) {
        if (present == selector) {
          throw replaced;
        }
      }
    }
  }

  /** The waiting for all listeners has failed, perhaps for good: it is begun anew with them. */
  private void beginAnew() throws IOException {
    if (!selector.isOpen()) {
      selector = Selector.open();
      for (Map.Entry<Integer, ServerSocketChannel> listener : listeners.entrySet()) {
        register(listener.getKey(), listener.getValue());
      }
    }
  }

  @Override
  public Set<SelectionKey> await() throws IOException {
    for (CountDownLatch next = closing.poll(); next != null; next = closing.poll()) {
      passed.add(next);
    }
    if (passed.isEmpty()) {
      selector.select();
    } else {
      selector.selectNow();
    }
    return selector.selectedKeys();
  }

  @Override
  public void perform(Set<SelectionKey> ready) {
    passed.forEach(CountDownLatch::countDown);
    passed.clear();
    List<SelectionKey> due = List.copyOf(ready);
    ready.clear();
    Apart ports = new Apart();
    due.stream().filter(SelectionKey::isValid).forEach(key -> ports.run(() -> accept(key)));
    ports.check();
  }

  private void accept(SelectionKey key) {
    int port = (int) key.attachment();
    try {
      SocketChannel client = ((ServerSocketChannel) key.channel()).accept();
      if (client != null) {
        begin(client, port);
      }
    } catch (IOException full) {
      // The process has no descriptor left, which others will give back.
      if (key.channel().isOpen()) {
        throw new UncheckedIOException("accept on port " + port + " of ::1", full);
      }
    }
  }

  private void begin(SocketChannel client, int port) {
    if (!connections.tryAcquire()) {
      reset(client);
      return;
    }
    boolean begun = false;
    try {
      Thread.ofVirtual().name("relay-" + port).start(() -> serve(client, port));
      begun = true;
    } finally {
      if (!begun) {
        connections.release();
        reset(client);
      }
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

  private static boolean close(Map.Entry<Integer, ServerSocketChannel> listener) {
    try {
      listener.getValue().close();
    } catch (IOException gone) {
      LOG.debug("closing the listener on port {} of ::1", listener.getKey(), gone);
    }
    return true;
  }

  private static void awaitClosed(CountDownLatch gone) {
    try {
      if (!gone.await(CLOSE_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("a listener of ::1 is not closed yet");
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  /** For tests, which break it. */
  Selector selector() {
    return selector;
  }

  @Override
  public void close() {
    follow(Set.of());
    acceptor.endAfterTurn();
    selector.wakeup();
    acceptor.awaitEnd();
    try {
      selector.close();
    } catch (IOException gone) {
      LOG.debug("closing the selector of ::1", gone);
    }
  }
}
