package dev.hanse.agent.dns;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks other name servers, from the host's namespace. All state belongs to the selector's thread;
 * replies are matched by server, a random id and the question.
 */
final class Forwarder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Forwarder.class);

  /** All tries together end before the C library's resolver loses patience after 5 seconds. */
  private static final Duration TRY_TIMEOUT = Duration.ofMillis(1500);

  private static final int TRIES_MAX = 3;
  private static final int OUTSTANDING_MAX = 2048;
  private static final int TCP_OUTSTANDING_MAX = 64;
  private static final int TCP_TIMEOUT_MILLISECONDS = 4000;
  private static final int MESSAGE_BYTES_MAX = 65_535;

  private final NetworkNamespace host;
  private final Selector selector;
  private final Consumer<Runnable> selectorThread;
  private final SecureRandom random = new SecureRandom();
  private final Semaphore tcpPermits = new Semaphore(TCP_OUTSTANDING_MAX);
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MESSAGE_BYTES_MAX);

  /** By id; in the order of deadlines, since every try waits equally long. */
  private final Map<Integer, Pending> pending = new LinkedHashMap<>();

  private final Map<StandardProtocolFamily, Port> ports = new HashMap<>();
  private List<InetSocketAddress> hostServers = List.of();

  /** A query that was passed on. */
  private record Pending(
      Zone zone,
      Query query,
      List<InetSocketAddress> servers,
      int tries,
      long deadlineNanoseconds,
      Consumer<byte[]> then) {
    InetSocketAddress server() {
      return servers.get(tries % servers.size());
    }
  }

  /**
   * @param selectorThread runs work on the selector's thread
   */
  Forwarder(NetworkNamespace host, Selector selector, Consumer<Runnable> selectorThread) {
    this.host = host;
    this.selector = selector;
    this.selectorThread = selectorThread;
  }

  void hostServers(List<InetSocketAddress> servers) {
    hostServers = servers;
  }

  private List<InetSocketAddress> servers(Zone zone) {
    return zone.servers.isEmpty() ? hostServers : zone.servers;
  }

  /** Asks the servers one after the other; the answer says "server failure" when none answers. */
  void forward(Zone zone, Query query, Consumer<byte[]> then) {
    List<InetSocketAddress> servers = servers(zone);
    if (servers.isEmpty()
        || pending.size() >= OUTSTANDING_MAX
        || zone.outstanding >= Zone.OUTSTANDING_MAX) {
      then.accept(Reply.serverFailure(query));
      return;
    }
    zone.outstanding++;
    send(new Pending(zone, query, servers, 0, deadline(), then));
  }

  private static long deadline() {
    return System.nanoTime() + TRY_TIMEOUT.toNanos();
  }

  private void send(Pending query) {
    int id;
    do {
      id = random.nextInt(1 << 16);
    } while (pending.containsKey(id));
    pending.put(id, query);
    byte[] message = query.query.message().clone();
    message[0] = (byte) (id >>> 8);
    message[1] = (byte) id;
    try {
      port(query.server().getAddress()).channel.send(ByteBuffer.wrap(message), query.server());
    } catch (IOException | UncheckedIOException fault) {
      // As good as lost: the next try goes to the next server.
      log.debug("query to {}: {}", query.server(), fault.toString());
    }
  }

  private Port port(InetAddress server) throws IOException {
    StandardProtocolFamily family =
        server.getAddress().length == 4
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    Port port = ports.get(family);
    if (port == null) {
      DatagramChannel channel = host.call(() -> DatagramChannel.open(family));
      channel.configureBlocking(false);
      channel.bind(null);
      port = new Port(channel);
      channel.register(selector, SelectionKey.OP_READ, port);
      ports.put(family, port);
    }
    return port;
  }

  /** The socket from which queries are passed on. */
  final class Port implements NameService.Handler {
    private final DatagramChannel channel;

    Port(DatagramChannel channel) {
      this.channel = channel;
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
      buffer.clear();
      SocketAddress server = channel.receive(buffer);
      while (server != null) {
        byte[] message = new byte[buffer.flip().remaining()];
        buffer.get(message);
        received(server, message);
        buffer.clear();
        server = channel.receive(buffer);
      }
    }
  }

  private void received(SocketAddress server, byte[] message) {
    if (message.length < Query.HEADER_BYTES) {
      return;
    }
    int id = (message[0] & 0xff) << 8 | (message[1] & 0xff);
    Pending query = pending.get(id);
    if (query == null || !query.server().equals(server) || !repeats(message, query.query)) {
      return;
    }
    pending.remove(id);
    done(query, message);
  }

  /** Does the message repeat the question? Names may differ in case. */
  private static boolean repeats(byte[] message, Query query) {
    byte[] question = query.question();
    if (message.length < Query.HEADER_BYTES + question.length) {
      // Some servers leave the question out of an error.
      return (message[3] & 15) != 0;
    }
    byte[] theirs =
        Arrays.copyOfRange(message, Query.HEADER_BYTES, Query.HEADER_BYTES + question.length);
    return Arrays.equals(lower(theirs), lower(question));
  }

  private static byte[] lower(byte[] text) {
    byte[] lower = text.clone();
    for (int i = 0; i < lower.length; i++) {
      if (lower[i] >= 'A' && lower[i] <= 'Z') {
        lower[i] = (byte) (lower[i] + ('a' - 'A'));
      }
    }
    return lower;
  }

  private static void done(Pending query, byte[] message) {
    query.zone.outstanding--;
    query.then.accept(withId(message, query.query));
  }

  private static byte[] withId(byte[] message, Query query) {
    message[0] = (byte) (query.id() >>> 8);
    message[1] = (byte) query.id();
    return message;
  }

  /** How long until {@link #expire} has something to do. */
  Optional<Duration> nextDeadline() {
    return pending.values().stream()
        .findFirst()
        .map(first -> Duration.ofNanos(Math.max(0, first.deadlineNanoseconds - System.nanoTime())));
  }

  /** Asks the next server for queries without an answer, and gives up after some tries. */
  void expire() {
    long now = System.nanoTime();
    List<Pending> late =
        pending.values().stream().filter(each -> each.deadlineNanoseconds - now <= 0).toList();
    if (late.isEmpty()) {
      return;
    }
    Iterator<Pending> each = pending.values().iterator();
    while (each.hasNext()) {
      if (each.next().deadlineNanoseconds - now <= 0) {
        each.remove();
      }
    }
    for (Pending query : late) {
      int tries = query.tries + 1;
      if (tries >= TRIES_MAX) {
        done(query, Reply.serverFailure(query.query));
      } else {
        send(new Pending(query.zone, query.query, query.servers, tries, deadline(), query.then));
      }
    }
  }

  /** The rare case of a query by TCP: a virtual thread asks, one server after the other. */
  void forwardByTcp(Zone zone, Query query, Consumer<byte[]> then) {
    List<InetSocketAddress> servers = servers(zone);
    if (servers.isEmpty() || !tcpPermits.tryAcquire()) {
      then.accept(Reply.serverFailure(query));
      return;
    }
    Thread.startVirtualThread(
        () -> {
          byte[] reply = Reply.serverFailure(query);
          try {
            for (InetSocketAddress server : servers) {
              Optional<byte[]> answer = ask(server, query);
              if (answer.isPresent()) {
                reply = answer.get();
                break;
              }
            }
          } finally {
            tcpPermits.release();
            byte[] last = reply;
            selectorThread.accept(() -> then.accept(last));
          }
        });
  }

  private Optional<byte[]> ask(InetSocketAddress server, Query query) {
    try (SocketChannel channel = host.call(SocketChannel::open);
        Socket socket = channel.socket()) {
      socket.connect(server, TCP_TIMEOUT_MILLISECONDS);
      socket.setSoTimeout(TCP_TIMEOUT_MILLISECONDS);
      byte[] framed =
          ByteBuffer.allocate(2 + query.message().length)
              .putShort((short) query.message().length)
              .put(query.message())
              .array();
      socket.getOutputStream().write(framed);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] reply = in.readNBytes(in.readUnsignedShort());
      return reply.length >= Query.HEADER_BYTES ? Optional.of(reply) : Optional.empty();
    } catch (IOException fault) {
      log.debug("query by TCP to {}: {}", server, fault.toString());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    for (Port port : ports.values()) {
      try {
        port.channel.close();
      } catch (IOException fault) {
        log.debug("closing a socket: {}", fault.toString());
      }
    }
  }
}
