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
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
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
    GossipLoop loop = GossipLoop.start(GossipSettings.DEFAULT);
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
  void a_stopped_process_is_suspected_and_not_dead_but_a_killed_one_is() throws Exception {
    GossipLoop first = node(1, KEY);
    GossipLoop second = node(2, KEY);
    Process child = child(3);
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
      assertThat(seen).noneMatch(view -> view.state("node3").equals(dead()));
      assertThat(seen.getLast().nodes()).containsKeys("node1", "node2");
      assertThat(seen).noneMatch(view -> view.state("node1").equals(dead()));
    } finally {
      child.destroyForcibly().waitFor();
    }
    sees(first, 3, MemberState.DEAD);
    sees(second, 3, MemberState.DEAD);
  }

  private Process child(int host) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            "node" + host,
            ip(host).getHostAddress(),
            address(1))
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
      GossipLoop loop = GossipLoop.start(GossipSettings.DEFAULT);
      loop.join(
          new GossipIdentity(args[0], address, address, PORT), List.of(args[2]), List.of(KEY));
      Thread.currentThread().join();
    }
  }

  @Test
  void a_view_is_empty_outside_of_a_swarm() {
    GossipLoop loop = GossipLoop.start(GossipSettings.DEFAULT);
    assertThat(loop.view().nodes()).isEqualTo(Map.of());
    loop.keys(List.of(KEY));
    loop.leave();
    assertThat(loop.traffic()).isEmpty();
  }
}
