package dev.hanse.agent.dns;

import dev.hanse.kernel.namespace.NetworkNamespace;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks other name servers, from the host's namespace. All state belongs to the selector's thread.
 *
 * <p>Who wants to answer in a server's place must guess (RFC 5452): each try has a socket of its
 * own, which ends with it, so that its port is as random as its id; being connected it takes
 * nothing from other addresses; and a reply must repeat the question.
 */
final class DnsForwarder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DnsForwarder.class);

  /** All tries together end before the C library's resolver loses patience after 5 seconds. */
  private static final Duration TRY_TIMEOUT = Duration.ofMillis(1500);

  private static final int TRIES_MAX = 3;
  private static final int OUTSTANDING_MAX = 1024;

  /** Sockets that are opened ahead: entering a namespace takes a thread. */
  private static final int STOCK = 16;

  private static final int DATAGRAMS_PER_TURN = 16;
  private static final int TCP_OUTSTANDING_MAX = 64;
  private static final int TCP_TIMEOUT_MILLISECONDS = 4000;
  private static final int MESSAGE_BYTES_MAX = 65_535;

  private final NetworkNamespace host;
  private final Selector selector;
  private final Consumer<Runnable> selectorThread;
  private final SecureRandom random = new SecureRandom();
  private final Semaphore tcpPermits = new Semaphore(TCP_OUTSTANDING_MAX);
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MESSAGE_BYTES_MAX);

  /** In the order of deadlines, since every try waits equally long. */
  private final Set<Exchange> outstanding = new LinkedHashSet<>();

  private final Map<StandardProtocolFamily, Deque<DatagramChannel>> stock =
      new EnumMap<>(StandardProtocolFamily.class);
  private List<InetSocketAddress> hostServers = List.of();

  /** A query that was passed on. */
  private record Pending(
      Zone zone, Query query, List<InetSocketAddress> servers, int tries, Consumer<byte[]> then) {
    InetSocketAddress server() {
      return servers.get(tries % servers.size());
    }
  }

  /**
   * @param selectorThread runs work on the selector's thread
   */
  DnsForwarder(NetworkNamespace host, Selector selector, Consumer<Runnable> selectorThread) {
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
    if (servers.isEmpty() || outstanding.size() >= OUTSTANDING_MAX || zone.outstanding >= share()) {
      then.accept(Reply.serverFailure(query));
      return;
    }
    zone.outstanding++;
    send(new Pending(zone, query, servers, 0, then));
  }

  /** What one task may have outstanding: less when many do much, so that none waits for them. */
  private int share() {
    return outstanding.size() < OUTSTANDING_MAX / 2
        ? Zone.OUTSTANDING_MAX
        : Zone.OUTSTANDING_MAX / 8;
  }

  private void send(Pending query) {
    Exchange exchange = new Exchange(query, random.nextInt(1 << 16));
    outstanding.add(exchange);
    try {
      exchange.begin();
    } catch (IOException | RuntimeException fault) {
      // As good as lost: the next try goes to the next server.
      log.debug("query to {}: {}", query.server(), fault.toString());
    }
  }

  /** An unbound socket of the host's namespace. */
  private DatagramChannel socket(InetAddress server) throws IOException {
    StandardProtocolFamily family =
        server.getAddress().length == 4
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    Deque<DatagramChannel> left = stock.computeIfAbsent(family, missing -> new ArrayDeque<>());
    if (left.isEmpty()) {
      host.call(
          () -> {
            for (int opened = 0; opened < STOCK; opened++) {
              left.add(DatagramChannel.open(family));
            }
            return left;
          });
    }
    return left.remove();
  }

  /** One try: a question to one server, from a port that nobody knows. */
  final class Exchange implements NameService.Handler {
    private final Pending query;
    private final int id;
    private final long deadlineNanoseconds = System.nanoTime() + TRY_TIMEOUT.toNanos();
    private Optional<DatagramChannel> channel = Optional.empty();

    Exchange(Pending query, int id) {
      this.query = query;
      this.id = id;
    }

    void begin() throws IOException {
      DatagramChannel opened = socket(query.server().getAddress());
      channel = Optional.of(opened);
      opened.configureBlocking(false);
      // The kernel chooses the port, at random.
      opened.connect(query.server());
      opened.register(selector, SelectionKey.OP_READ, this);
      byte[] message = query.query.message().clone();
      message[0] = (byte) (id >>> 8);
      message[1] = (byte) id;
      opened.write(ByteBuffer.wrap(message));
    }

    @Override
    public void ready(SelectionKey key) {
      try {
        for (int turn = 0; turn < DATAGRAMS_PER_TURN && channel.isPresent(); turn++) {
          buffer.clear();
          if (channel.get().read(buffer) <= 0) {
            return;
          }
          byte[] message = new byte[buffer.flip().remaining()];
          buffer.get(message);
          if (isReply(message, id, query.query)) {
            end();
            done(query, message);
          }
        }
      } catch (IOException refused) {
        // An answer too, and anybody on the way may send it: the next server, at the usual pace.
        log.debug("query to {}: {}", query.server(), refused.toString());
      }
    }

    void end() {
      outstanding.remove(this);
      channel.ifPresent(DnsForwarder::closeQuietly);
      channel = Optional.empty();
    }
  }

  private static void closeQuietly(DatagramChannel channel) {
    try {
      channel.close();
    } catch (IOException fault) {
      log.debug("closing a socket: {}", fault.toString());
    }
  }

  /** Is the message a reply with that id which repeats the question? Names may differ in case. */
  private static boolean isReply(byte[] message, int id, Query query) {
    if (message.length < Query.HEADER_BYTES
        || ((message[0] & 0xff) << 8 | (message[1] & 0xff)) != id
        || (message[2] & 0x80) == 0) {
      return false;
    }
    byte[] question = query.question();
    if (message[4] == 0 && message[5] == 0) {
      // Some servers leave the question out of an error.
      return message.length == Query.HEADER_BYTES && (message[3] & 15) != 0;
    }
    if (message.length < Query.HEADER_BYTES + question.length) {
      return false;
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
    return outstanding.stream()
        .findFirst()
        .map(first -> Duration.ofNanos(Math.max(0, first.deadlineNanoseconds - System.nanoTime())));
  }

  /** Asks the next server for queries without an answer, and gives up after some tries. */
  void expire() {
    long now = System.nanoTime();
    List<Exchange> late =
        outstanding.stream().takeWhile(each -> each.deadlineNanoseconds - now <= 0).toList();
    for (Exchange exchange : late) {
      exchange.end();
      Pending query = exchange.query;
      int tries = query.tries + 1;
      if (tries >= TRIES_MAX) {
        done(query, Reply.serverFailure(query.query));
      } else {
        send(new Pending(query.zone, query.query, query.servers, tries, query.then));
      }
    }
  }

  /** The rare case of a query by TCP: a virtual thread asks, one server after the other. */
  void forwardByTcp(Zone zone, Query query, Consumer<byte[]> then) {
    List<InetSocketAddress> servers = servers(zone);
    if (servers.isEmpty()
        || zone.tcpOutstanding >= Zone.TCP_OUTSTANDING_MAX
        || !tcpPermits.tryAcquire()) {
      then.accept(Reply.serverFailure(query));
      return;
    }
    zone.tcpOutstanding++;
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
            selectorThread.accept(
                () -> {
                  zone.tcpOutstanding--;
                  then.accept(last);
                });
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
      return isReply(reply, query.id(), query) ? Optional.of(reply) : Optional.empty();
    } catch (IOException fault) {
      log.debug("query by TCP to {}: {}", server, fault.toString());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    List.copyOf(outstanding).forEach(Exchange::end);
    stock.values().forEach(left -> left.forEach(DnsForwarder::closeQuietly));
  }
}
