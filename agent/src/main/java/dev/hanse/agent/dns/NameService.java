package dev.hanse.agent.dns;

import dev.hanse.endpoints.Ipv4Address;
import dev.hanse.health.FaultLog;
import dev.hanse.health.FaultPolicy;
import dev.hanse.health.Health;
import dev.hanse.health.OwnerThread;
import dev.hanse.health.Turn;
import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.network.Answer;
import dev.hanse.network.NameServer;
import dev.hanse.network.TaskNames;
import dev.hanse.network.TaskNames.RecordType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name servers of all tasks. Each has its sockets inside the task's namespace; one thread
 * serves them all. A packet, a zone or a query that makes trouble makes it for itself; if the
 * waiting for all of them fails, that is begun anew with the sockets that are open. Methods may be
 * called from any thread.
 */
public final class NameService implements Turn<Set<SelectionKey>>, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NameService.class);
  private static final int MESSAGE_BYTES_MAX = 4096;
  private static final int DATAGRAMS_PER_TURN = 64;

  /** What a readiness key stands for. */
  sealed interface Handler permits Datagrams, Listener, ClientConnection, DnsForwarder.Exchange {
    /** Does what the channel is ready for. */
    void ready(SelectionKey key) throws IOException;
  }

  private record Open(Zone zone, DatagramChannel datagrams, ServerSocketChannel listener) {}

  private final NetworkNamespace host;
  private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
  private final Map<String, Open> zones = new ConcurrentHashMap<>();
  private final FaultLog faults = new FaultLog("a name server");
  private final OwnerThread thread;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MESSAGE_BYTES_MAX);

  /** Replaced by the thread. */
  private volatile Selector selector;

  /** Of the thread. */
  private final Set<ClientConnection> connections = new HashSet<>();

  /** Of the thread. */
  private DnsForwarder forwarder;

  private List<InetSocketAddress> hostServers = List.of();

  private NameService(Health health, NetworkNamespace host) throws IOException {
    this.host = host;
    this.selector = Selector.open();
    this.forwarder = new DnsForwarder(host, selector, this::post);
    this.thread =
        OwnerThread.named(health, "names")
            .vital()
            .policy(FaultPolicy.rebuild(this::beginAnew))
            .of(this);
  }

  /**
   * Starts without tasks.
   *
   * @param health what its thread reports to
   * @param host the namespace from which queries are forwarded
   */
  public static NameService start(Health health, NetworkNamespace host) {
    try {
      NameService service = new NameService(health, host);
      service.thread.start();
      return service;
    } catch (IOException fault) {
      throw new UncheckedIOException("start the name service", fault);
    }
  }

  /** The host's own name servers, used for tasks without their own. */
  public void hostServers(List<InetAddress> servers) {
    List<InetSocketAddress> addresses = withPort(servers);
    post(
        () -> {
          hostServers = addresses;
          forwarder.hostServers(addresses);
        });
  }

  private static List<InetSocketAddress> withPort(List<InetAddress> servers) {
    return servers.stream().map(server -> new InetSocketAddress(server, 53)).toList();
  }

  /**
   * Opens a task's name server; names are answered when this returns. Nothing happens when it is
   * open already, but that the names are replaced.
   *
   * @param servers where to forward to; empty for the host's own
   * @throws UncheckedIOException when its address cannot be used inside the namespace
   */
  public void open(
      String taskId, NetworkNamespace namespace, List<InetAddress> servers, TaskNames names) {
    if (zones.containsKey(taskId)) {
      update(taskId, names);
      return;
    }
    Open opened;
    try {
      opened = namespace.call(() -> bind(new Zone(taskId, withPort(servers), names)));
    } catch (IOException fault) {
      throw new UncheckedIOException("open the name server of task " + taskId, fault);
    }
    zones.put(taskId, opened);
    post(() -> register(opened));
  }

  private static Open bind(Zone zone) throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.ofLiteral(NameServer.ADDRESS), NameServer.PORT);
    DatagramChannel datagrams = DatagramChannel.open(StandardProtocolFamily.INET);
    try {
      datagrams.bind(address);
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.INET);
      try {
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.bind(address);
        datagrams.configureBlocking(false);
        listener.configureBlocking(false);
        return new Open(zone, datagrams, listener);
      } catch (IOException fault) {
        listener.close();
        throw fault;
      }
    } catch (IOException fault) {
      datagrams.close();
      throw fault;
    }
  }

  private void register(Open opened) {
    if (!opened.equals(zones.get(opened.zone.taskId))) {
      return; // Closed meanwhile.
    }
    try {
      opened.datagrams.register(
          selector, SelectionKey.OP_READ, new Datagrams(opened.zone, opened.datagrams));
      opened.listener.register(
          selector, SelectionKey.OP_ACCEPT, new Listener(opened.zone, opened.listener));
    } catch (IOException fault) {
      log.warn("cannot serve names of task {}: {}", opened.zone.taskId, fault.toString());
    }
  }

  /** Replaces what a task sees; nothing happens when its name server is not open. */
  public void update(String taskId, TaskNames names) {
    Open open = zones.get(taskId);
    if (open != null) {
      open.zone.names = names;
    }
  }

  /** Closes a task's name server. */
  public void close(String taskId) {
    Open open = zones.remove(taskId);
    if (open != null) {
      // On the selector's thread, so that no key is used after its channel.
      post(() -> closeQuietly(open));
    }
  }

  private static void closeQuietly(Open open) {
    for (Channel channel : List.of(open.datagrams, open.listener)) {
      try {
        channel.close();
      } catch (IOException fault) {
        log.debug("closing {}: {}", channel, fault.toString());
      }
    }
  }

  @Override
  public void close() {
    // Not interrupted: that would close the channels that it is using.
    thread.endAfterTurn();
    selector.wakeup();
    thread.awaitEnd();
    zones.values().forEach(NameService::closeQuietly);
    forwarder.close();
    List.copyOf(connections).forEach(ClientConnection::end);
    closeSelector();
  }

  private void closeSelector() {
    try {
      selector.close();
    } catch (IOException fault) {
      log.debug("closing a selector: {}", fault.toString());
    }
  }

  /** For tests, which break it. */
  Selector selector() {
    return selector;
  }

  /** Has the thread do something. */
  void post(Runnable work) {
    posted.add(work);
    selector.wakeup();
  }

  /** For the thread's turn. */
  @Override
  public Set<SelectionKey> await() throws IOException {
    if (posted.isEmpty()) {
      Optional<Duration> wait = forwarder.nextDeadline();
      selector.select(wait.map(left -> Math.max(1, left.toMillis())).orElse(0L));
    } else {
      selector.selectNow();
    }
    return selector.selectedKeys();
  }

  /** For the thread's turn. */
  @Override
  public void perform(Set<SelectionKey> ready) {
    Runnable work = posted.poll();
    while (work != null) {
      guarded(work);
      work = posted.poll();
    }
    ready.forEach(this::serve);
    ready.clear();
    guarded(forwarder::expire);
  }

  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error fault) {
      faults.log(fault);
    }
  }

  /** Whoever waits for an answer will ask again. */
  private void beginAnew() throws IOException {
    Selector fresh = Selector.open();
    List.copyOf(connections).forEach(connection -> guarded(connection::end));
    guarded(forwarder::close);
    closeSelector();
    selector = fresh;
    forwarder = new DnsForwarder(host, fresh, this::post);
    forwarder.hostServers(hostServers);
    for (Open open : zones.values()) {
      open.zone.connections = 0;
      open.zone.outstanding = 0;
      register(open);
    }
  }

  private void serve(SelectionKey key) {
    try {
      if (key.isValid()) {
        ((Handler) key.attachment()).ready(key);
      }
    } catch (IOException fault) {
      log.debug("name service: {}", fault.toString());
      if (key.attachment() instanceof ClientConnection connection) {
        connection.end();
      }
    } catch (RuntimeException | Error fault) {
      // One strange packet must not take the names away from all.
      faults.log(fault);
      if (key.attachment() instanceof ClientConnection connection) {
        connection.end();
      }
    }
  }

  /** What we can say ourselves; empty when somebody else has to be asked. */
  private static Optional<byte[]> answer(Zone zone, Query query, boolean tcp) {
    RecordType type =
        switch (query.type()) {
          case Query.TYPE_A -> RecordType.A;
          case Query.TYPE_PTR -> RecordType.PTR;
          default -> RecordType.OTHER;
        };
    return switch (zone.names.lookup(query.name(), type)) {
      case Answer.Addresses(List<Ipv4Address> addresses) -> {
        List<Ipv4Address> rotated = new ArrayList<>(addresses);
        Collections.rotate(rotated, zone.rotation++);
        yield Optional.of(Reply.addresses(query, rotated, tcp));
      }
      case Answer.Pointer(String name) -> Optional.of(Reply.pointer(query, name));
      case Answer.NoData() -> Optional.of(Reply.noData(query));
      case Answer.NoName() -> Optional.of(Reply.noName(query));
      case Answer.Elsewhere() -> Optional.empty();
    };
  }

  /** A task's UDP socket. */
  final class Datagrams implements Handler {
    private final Zone zone;
    private final DatagramChannel channel;

    Datagrams(Zone zone, DatagramChannel channel) {
      this.zone = zone;
      this.channel = channel;
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
      for (int turn = 0; turn < DATAGRAMS_PER_TURN; turn++) {
        buffer.clear();
        SocketAddress client = channel.receive(buffer);
        if (client == null) {
          return;
        }
        byte[] message = new byte[buffer.flip().remaining()];
        buffer.get(message);
        Optional<Query> query = Query.parse(message);
        if (query.isPresent()) {
          serve(query.get(), client);
        }
      }
    }

    private void serve(Query query, SocketAddress client) {
      Optional<byte[]> ours = answer(zone, query, false);
      if (ours.isPresent()) {
        send(ours.get(), client);
      } else {
        forwarder.forward(zone, query, reply -> send(reply, client));
      }
    }

    private void send(byte[] reply, SocketAddress client) {
      try {
        channel.send(ByteBuffer.wrap(reply), client);
      } catch (IOException fault) {
        log.debug("answer to {} of task {}: {}", client, zone.taskId, fault.toString());
      }
    }
  }

  /** A task's listening TCP socket. */
  final class Listener implements Handler {
    private final Zone zone;
    private final ServerSocketChannel channel;

    Listener(Zone zone, ServerSocketChannel channel) {
      this.zone = zone;
      this.channel = channel;
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
      SocketChannel client = channel.accept();
      if (client == null) {
        return;
      }
      if (zone.connections >= Zone.CONNECTIONS_MAX) {
        client.close();
        return;
      }
      zone.connections++;
      client.configureBlocking(false);
      ClientConnection connection =
          new ClientConnection(
              zone,
              client,
              (query, then) -> {
                Optional<byte[]> ours = answer(zone, query, true);
                if (ours.isPresent()) {
                  then.accept(ours.get());
                } else {
                  forwarder.forwardByTcp(zone, query, then);
                }
              },
              connections::remove);
      connections.add(connection);
      client.register(selector, SelectionKey.OP_READ, connection);
    }
  }
}
