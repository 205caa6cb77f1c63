package dev.hanse.agent.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.gossip.Effect;
import dev.hanse.gossip.Gossip;
import dev.hanse.gossip.GossipParameters;
import dev.hanse.gossip.GossipView;
import dev.hanse.gossip.Member;
import dev.hanse.gossip.MemberState;
import dev.hanse.gossip.NodeLiveness;
import dev.hanse.health.Health;
import dev.hanse.health.LivedTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real sockets on loopback addresses, each test on its own. */
class GossipLoopTest {
  private static final int PORT = GossipIdentity.DEFAULT_PORT;
  private static final GossipKey KEY = key(1);
  private static int subnets = (int) (ProcessHandle.current().pid() % 200);

  private final int subnet = subnets++ % 256;
  private final List<GossipLoop> open = new ArrayList<>();

  private static GossipKey key(int value) {
    byte[] secret = new byte[16];
    java.util.Arrays.fill(secret, (byte) value);
    return GossipKey.of(secret);
  }

  private InetAddress ip(int host) {
    return InetAddress.ofLiteral("127.79." + subnet + "." + host);
  }

  private String address(int host) {
    return "127.79." + subnet + "." + host + ":" + PORT;
  }

  private GossipLoop node(int host, GossipKey... keys) throws IOException {
    GossipLoop loop = GossipLoop.start(new Health(), GossipSettings.DEFAULT);
    open.add(loop);
    loop.join(
        new GossipIdentity("node" + host, ip(host), ip(host), PORT),
        List.of(address(1), address(2)),
        List.of(keys));
    return loop;
  }

  @AfterEach
  void close() {
    open.forEach(GossipLoop::close);
  }

  private static void eventually(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("never: " + what).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private static void sees(GossipLoop loop, int host, MemberState state) throws Exception {
    eventually(
        "node" + host + " " + state,
        () -> loop.view().state("node" + host).equals(java.util.Optional.of(state)));
  }

  private static GossipTraffic traffic(GossipLoop loop) {
    return loop.traffic().orElseThrow();
  }

  private static void counts(GossipLoop loop, String what, Predicate<GossipTraffic> condition)
      throws Exception {
    eventually(what, () -> condition.test(traffic(loop)));
  }

  @Test
  void nodes_find_each_other_and_know_who_left_and_who_is_away() throws Exception {
    GossipLoop first = node(1, KEY);
    GossipLoop second = node(2, KEY);
    GossipLoop third = node(3, KEY);
    List<GossipView> seen = new CopyOnWriteArrayList<>();
    first.subscribe(seen::add);
    for (GossipLoop loop : List.of(first, second, third)) {
      for (int host = 1; host <= 3; host++) {
        sees(loop, host, MemberState.ALIVE);
      }
    }
    second.leave();
    sees(first, 2, MemberState.LEFT);
    sees(third, 2, MemberState.LEFT);
    third.close();
    sees(first, 3, MemberState.AWAY);
    assertThat(third.view()).isEqualTo(GossipView.EMPTY);
    node(3, KEY);
    sees(first, 3, MemberState.ALIVE);
    assertThat(seen.getLast()).isEqualTo(first.view());
    assertThat(seen).noneMatch(view -> view.state("node3").equals(dead()));
  }

  private static java.util.Optional<MemberState> dead() {
    return java.util.Optional.of(MemberState.DEAD);
  }

  @Test
  void keys_change_while_all_stay_alive_and_a_removed_key_is_no_key() throws Exception {
    GossipKey fresh = key(2);
    GossipLoop first = node(1, KEY);
    GossipLoop second = node(2, KEY);
    sees(first, 2, MemberState.ALIVE);
    sees(second, 1, MemberState.ALIVE);
    List<GossipView> seen = new CopyOnWriteArrayList<>();
    first.subscribe(seen::add);
    for (List<GossipKey> keys : List.of(List.of(KEY, fresh), List.of(fresh, KEY), List.of(fresh))) {
      for (GossipLoop loop : List.of(first, second)) {
        loop.keys(keys);
        long before = traffic(first).received();
        counts(first, "traffic goes on", now -> now.received() > before + 4);
      }
    }
    assertThat(seen).allMatch(view -> view.state("node2").equals(first.view().state("node2")));
    assertThat(traffic(first).unknownKey() + traffic(second).unknownKey()).isZero();
    GossipLoop stale = node(3, KEY);
    counts(first, "the old key is unknown", now -> now.unknownKey() > 0);
    assertThat(stale.view().state("node1")).isEmpty();
    assertThat(first.view().state("node3")).isEmpty();
  }

  @Test
  void without_a_key_nothing_is_said_and_the_first_key_begins() throws Exception {
    GossipLoop first = node(1, KEY);
    GossipLoop second = node(2);
    counts(first, "the first looks for others", now -> now.core().late() >= 0);
    assertThat(traffic(second).sent()).isZero();
    second.keys(List.of(KEY));
    sees(first, 2, MemberState.ALIVE);
    sees(second, 1, MemberState.ALIVE);
  }

  @Test
  void forged_replayed_stale_oversized_and_unknown_datagrams_are_counted_and_dropped()
      throws Exception {
    GossipLoop node = node(1, KEY);
    Envelope genuine = new Envelope(new SecureRandom(), List.of(KEY));
    byte[] here = Envelope.receiver(address(1));
    byte[] packet = packetOf("ghost", address(9), address(1));
    long now = System.currentTimeMillis();
    byte[] sealed = genuine.seal(Envelope.Purpose.DATAGRAM, here, now, packet);
    byte[] forged = sealed.clone();
    forged[forged.length - 1] ^= 1;
    byte[] elsewhere =
        genuine.seal(Envelope.Purpose.DATAGRAM, Envelope.receiver(address(2)), now, packet);
    byte[] stale =
        genuine.seal(Envelope.Purpose.DATAGRAM, here, now - GossipNode.SKEW_MS_MAX - 1_000, packet);
    byte[] nonsense = genuine.seal(Envelope.Purpose.DATAGRAM, here, now, new byte[] {1, 1, 0});
    byte[] newer = genuine.seal(Envelope.Purpose.DATAGRAM, here, now, new byte[] {9, 1, 0});
    byte[] otherKey =
        new Envelope(new SecureRandom(), List.of(key(9)))
            .seal(Envelope.Purpose.DATAGRAM, here, now, packet);
    byte[] version = sealed.clone();
    version[0] = 2;
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(ip(9), 0))) {
      for (byte[] bytes :
          List.of(
              forged,
              elsewhere,
              stale,
              otherKey,
              version,
              nonsense,
              newer,
              new byte[1_400],
              new byte[1_401],
              new byte[0],
              sealed,
              sealed)) {
        socket.send(new DatagramPacket(bytes, bytes.length, ip(1), PORT));
      }
    }
    counts(node, "all came", present -> present.received() >= 12 && present.replayed() > 0);
    GossipTraffic traffic = traffic(node);
    assertThat(traffic.forged()).isEqualTo(3); // Changed, meant for another, and nothing at all.
    assertThat(traffic.stale()).isEqualTo(1);
    assertThat(traffic.unknownKey()).isEqualTo(1);
    assertThat(traffic.unknownVersion()).isEqualTo(2); // Also the one of zeros.
    assertThat(traffic.oversized()).isEqualTo(1);
    assertThat(traffic.replayed()).isEqualTo(1);
    assertThat(traffic.core().malformed()).isEqualTo(1);
    assertThat(traffic.core().unknownVersion()).isEqualTo(1);
    assertThat(node.view().state("ghost")).contains(MemberState.ALIVE); // The genuine one, once.
  }

  /**
   * A genuine packet, as a core makes it: the answer to its own ping would do, so does its ping.
   */
  private static byte[] packetOf(String nodeId, String from, String to) {
    GossipParameters parameters = GossipParameters.DEFAULT;
    SplittableRandom random = new SplittableRandom(1);
    Gossip target = new Gossip(parameters, new Member("node1", to, 1), random, 0);
    Gossip ghost = new Gossip(parameters, new Member(nodeId, from, 1), random, 0);
    Effect.Ask ask =
        ghost.join(0, List.of(to)).stream()
            .filter(Effect.Ask.class::isInstance)
            .map(Effect.Ask.class::cast)
            .findFirst()
            .orElseThrow();
    Effect.Answer answer =
        target.receiveStream(0, 1, ask.request()).stream()
            .filter(Effect.Answer.class::isInstance)
            .map(Effect.Answer.class::cast)
            .findFirst()
            .orElseThrow();
    ghost.streamAnswered(0, ask.exchange(), answer.answer());
    return ghost.tick(1_000).stream()
        .filter(Effect.Send.class::isInstance)
        .map(effect -> ((Effect.Send) effect).datagram())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_stream_of_nonsense_is_hung_up_on() throws Exception {
    GossipLoop node = node(1, KEY);
    try (Socket socket = new Socket(ip(1), PORT)) {
      assertThat(socket.getInputStream().readNBytes(Streams.NUMBER_BYTES)).hasSize(16);
      ByteBuffer length = ByteBuffer.allocate(4).putInt(Streams.FRAME_BYTES_MAX + 1);
      socket.getOutputStream().write(length.array());
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    try (Socket socket = new Socket(ip(1), PORT)) {
      socket.getInputStream().readNBytes(Streams.NUMBER_BYTES);
      byte[] sealed =
          new Envelope(new SecureRandom(), List.of(KEY))
              .seal(Envelope.Purpose.QUESTION, new byte[16], 0, new byte[0]);
      ByteBuffer frame = ByteBuffer.allocate(4 + sealed.length).putInt(sealed.length).put(sealed);
      socket.getOutputStream().write(frame.array());
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    counts(node, "both counted", now -> now.oversized() == 1 && now.forged() == 1);
  }

  /** As {@link dev.hanse.gossip.Gossip} reads it: news with one statement. */
  private byte[] statement(String sender, String address, int state, String about, long number) {
    ByteBuffer packet = ByteBuffer.allocate(512);
    packet
        .put((byte) 1)
        .put((byte) 5)
        .put(member(sender, address(9), 1))
        .putShort((short) 1)
        .put((byte) state)
        .put((byte) (state == 1 ? 1 : 0))
        .put(member(about, address, number))
        .put(state == 1 ? text(sender) : new byte[0]);
    return Arrays.copyOf(packet.array(), packet.position());
  }

  private static byte[] member(String nodeId, String address, long number) {
    byte[] id = text(nodeId);
    byte[] where = text(address);
    return ByteBuffer.allocate(id.length + where.length + 8)
        .put(id)
        .put(where)
        .putLong(number)
        .array();
  }

  private static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(1 + bytes.length).put((byte) bytes.length).put(bytes).array();
  }

  @Test
  @Tag("attack")
  void what_a_member_says_neither_ends_the_gossip_nor_kills_anybody() throws Exception {
    GossipLoop first = node(1, KEY);
    GossipLoop second = node(2, KEY);
    sees(first, 2, MemberState.ALIVE);
    sees(second, 1, MemberState.ALIVE);
    List<GossipView> seen = new CopyOnWriteArrayList<>();
    first.subscribe(seen::add);
    AtomicBoolean fails = new AtomicBoolean();
    first.subscribe(
        _ -> {
          if (fails.get()) {
            throw new IllegalStateException("a reader that fails");
          }
        });
    fails.set(true);
    Envelope insider = new Envelope(new SecureRandom(), List.of(KEY));
    byte[] here = Envelope.receiver(address(1));
    List<byte[]> lies = new ArrayList<>();
    for (String wrong : List.of("999.1.1.1:7946", "0.0.0.0:1", "[fe80::1%nowhere]:7946")) {
      lies.add(statement("insider", wrong, 0, "node2", System.currentTimeMillis() + 1));
    }
    long beyond = 1L << 60;
    for (int state = 0; state < 5; state++) {
      lies.add(statement("insider", address(2), state, "node2", beyond));
      lies.add(statement("insider", address(1), state, "node1", beyond));
      lies.add(statement("insider", address(2), state, "node2", System.currentTimeMillis() + 60));
    }
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(ip(9), 0))) {
      for (byte[] lie : lies) {
        byte[] sealed =
            insider.seal(Envelope.Purpose.DATAGRAM, here, System.currentTimeMillis(), lie);
        socket.send(new DatagramPacket(sealed, sealed.length, ip(1), PORT));
      }
    }
    counts(first, "addresses that are none", now -> now.core().malformed() == 3);
    counts(first, "numbers that nobody has", now -> now.core().beyond() == 10);
    counts(first, "the reader failed", now -> seen.size() > 1);
    GossipLoop third = node(3, KEY);
    sees(first, 3, MemberState.ALIVE);
    sees(third, 2, MemberState.ALIVE);
    sees(first, 2, MemberState.ALIVE);
    sees(second, 1, MemberState.ALIVE);
    assertThat(traffic(first).faults()).isZero();
  }

  @Test
  @Tag("attack")
  void connections_that_say_nothing_or_never_end_keep_no_member_out() throws Exception {
    GossipLoop first = node(1, KEY);
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> attackers = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(16);
    for (int i = 0; i < 16; i++) {
      InetAddress from = ip(100 + i);
      boolean silent = i % 2 == 0;
      attackers.add(Thread.ofVirtual().start(() -> hang(from, silent, over, begun)));
    }
    begun.await();
    counts(first, "more than there is room for", now -> now.limited() > 0);
    try {
      GossipLoop second = node(2, KEY);
      sees(first, 2, MemberState.ALIVE);
      sees(second, 1, MemberState.ALIVE);
    } finally {
      over.set(true);
    }
    for (Thread attacker : attackers) {
      attacker.join();
    }
  }

  /** Opens as many connections as it is let, and announces two megabytes on every second one. */
  private void hang(InetAddress from, boolean silent, AtomicBoolean over, CountDownLatch begun) {
    List<Socket> sockets = new ArrayList<>();
    byte[] start = ByteBuffer.allocate(70_000).putInt(2 << 20).array();
    while (!over.get()) {
      try {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress(ip(1), PORT), 5_000);
        if (!silent) {
          socket.getOutputStream().write(start);
        }
      } catch (IOException cut) {
        LockSupport.parkNanos(1_000_000);
      }
      if (sockets.size() == 20) { // 320 of all: more than are served at once
        begun.countDown();
      }
      if (sockets.size() > 120) {
        closeAll(sockets.subList(0, 20));
      }
    }
    closeAll(sockets);
  }

  private static void closeAll(List<Socket> sockets) {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException _) {
        // It is gone either way.
      }
    }
    sockets.clear();
  }

  @Test
  void memory_for_questions_that_do_not_end_is_bounded_and_the_longest_pays() throws Exception {
    UnreadBytes unread = new UnreadBytes(100);
    Socket large = new Socket();
    Socket small = new Socket();
    Socket later = new Socket();
    assertThat(unread.hold(large, 70)).isTrue();
    assertThat(unread.hold(small, 30)).isTrue();
    assertThat(unread.hold(later, 71)).isFalse(); // Itself the largest.
    assertThat(large.isClosed()).isFalse();
    assertThat(unread.hold(later, 60)).isTrue();
    assertThat(large.isClosed()).isTrue();
    assertThat(small.isClosed()).isFalse();
    unread.release(small);
    unread.release(later);
    unread.release(large);
    assertThat(unread.total()).isZero();
  }

  @Test
  void a_taken_port_is_named() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(ip(1), PORT));
      assertThatThrownBy(() -> node(1, KEY))
          .isInstanceOf(GossipPortException.class)
          .hasMessageContaining("TCP port 7946")
          .hasMessageContaining(ip(1).getHostAddress())
          .hasMessageContaining("sport = :7946");
    }
    node(1, KEY); // Nothing of the first try is left.
  }

  @Test
  @Tag("attack")
  void whatever_a_turn_throws_gossip_goes_on() throws Exception {
    Health health = new Health();
    GossipLoop first = node(1, KEY);
    BlockingQueue<GossipView> views = new LinkedBlockingQueue<>();
    GossipNode second =
        new GossipNode(
            health,
            LivedTime.ofProcess(),
            GossipSettings.DEFAULT,
            new GossipIdentity("node2", ip(2), ip(2), PORT),
            GossipPorts.open(ip(2), PORT),
            List.of(address(1)),
            List.of(KEY),
            view -> {
              views.add(view);
              throw new StackOverflowError("a reader");
            });
    second.start();
    sees(first, 2, MemberState.ALIVE);
    second.post(
        () -> {
          throw new StackOverflowError("work");
        });
    second.post(
        () -> {
          throw new UnsupportedOperationException("work");
        });
    eventually("faults", () -> second.traffic().faults() >= 3);
    node(3, KEY);
    eventually(
        "it hears of others",
        () -> views.stream().anyMatch(view -> view.nodes().containsKey("node3")));
    assertThat(health.report().faults()).isEmpty();
    second.end(MemberState.LEFT);
    sees(first, 2, MemberState.LEFT);
    assertThat(health.report().entries()).isEmpty();
  }

  @Test
  void a_stopped_process_is_suspected_and_not_dead_but_a_killed_one_is() throws Exception {
    GossipLoop first = node(1, KEY);
    GossipLoop second = node(2, KEY);
    Path doubts = Files.createTempFile("hanse-gossip", ".doubts");
    Process child = child(3, doubts);
    try {
      sees(first, 3, MemberState.ALIVE);
      sees(second, 3, MemberState.ALIVE);
      List<GossipView> seen = new CopyOnWriteArrayList<>();
      first.subscribe(seen::add);
      second.subscribe(seen::add);
      signal("STOP", child);
      sees(first, 3, MemberState.SUSPECT);
      Duration longerThanADeath = Duration.ofMillis(2 * GossipParameters.DEFAULT.suspicionMinMs());
      eventually(
          "suspected for long, or worse",
          () -> {
            NodeLiveness now = first.view().of("node3").orElseThrow();
            boolean suspect = now.state() == MemberState.SUSPECT;
            return !suspect || now.since().plus(longerThanADeath).isBefore(Instant.now());
          });
      NodeLiveness stopped = first.view().of("node3").orElseThrow();
      assertThat(stopped).as("of %s", seen).matches(NodeLiveness::machineAnswers);
      signal("CONT", child);
      sees(first, 3, MemberState.ALIVE);
      sees(second, 3, MemberState.ALIVE);
      // It goes on asking, and holds nobody for silent: the time that passed was none of its own.
      long heard = traffic(first).received();
      counts(first, "it asks and answers", now -> now.received() >= heard + 30);
      assertThat(Files.readString(doubts)).isEmpty();
      assertThat(seen).noneMatch(view -> view.state("node3").equals(dead()));
      assertThat(seen.getLast().nodes()).containsKeys("node1", "node2");
      assertThat(seen).noneMatch(view -> view.state("node1").equals(dead()));
    } finally {
      child.destroyForcibly().waitFor();
    }
    sees(first, 3, MemberState.DEAD);
    sees(second, 3, MemberState.DEAD);
  }

  private Process child(int host, Path doubts) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            "node" + host,
            ip(host).getHostAddress(),
            address(1),
            doubts.toString())
        .inheritIO()
        .start();
  }

  private static void signal(String name, Process process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** A node in a process of its own, until it is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      InetAddress address = InetAddress.ofLiteral(args[1]);
      GossipLoop loop = GossipLoop.start(new Health(), GossipSettings.DEFAULT);
      loop.join(
          new GossipIdentity(args[0], address, address, PORT), List.of(args[2]), List.of(KEY));
      loop.subscribe(
          view ->
              view.nodes()
                  .forEach(
                      (node, liveness) -> {
                        if (liveness.state() != MemberState.ALIVE && !node.equals(args[0])) {
                          note(Path.of(args[3]), node + " " + liveness.state());
                        }
                      }));
      Thread.currentThread().join();
    }

    private static void note(Path doubts, String doubt) {
      try {
        Files.writeString(doubts, doubt + "\n", StandardOpenOption.APPEND);
      } catch (IOException fault) {
        throw new UncheckedIOException(fault);
      }
    }
  }

  @Test
  void a_view_is_empty_outside_of_a_swarm() {
    GossipLoop loop = GossipLoop.start(new Health(), GossipSettings.DEFAULT);
    assertThat(loop.view().nodes()).isEqualTo(Map.of());
    loop.keys(List.of(KEY));
    loop.leave();
    assertThat(loop.traffic()).isEmpty();
  }
}
