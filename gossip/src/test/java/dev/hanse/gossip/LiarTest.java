package dev.hanse.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.gossip.Message.Packet;
import dev.hanse.gossip.World.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A member that has the keys lies about others. While it does members may be suspected, or dead for
 * a moment; nothing breaks, nothing grows, and afterwards all are alive for all within {@link
 * #RECOVERY_MS}.
 */
@Tag("attack")
class LiarTest {
  /** Of time in the world, not of the test. */
  private static final long RECOVERY_MS = 20_000;

  private static final GossipParameters SMALL = withMembersMax(60);

  private static GossipParameters withMembersMax(int membersMax) {
    GossipParameters d = GossipParameters.DEFAULT;
    return new GossipParameters(
        d.probeIntervalMs(),
        d.ackTimeoutMs(),
        d.probeTimeoutMs(),
        d.indirectPings(),
        d.suspicionMinMs(),
        d.suspicionMaxMs(),
        d.confirmations(),
        d.hearsayExtraMs(),
        d.stalledMaxMs(),
        d.lastQuestionMs(),
        d.nudgeIntervalMs(),
        d.gossipIntervalMs(),
        d.gossipFanout(),
        d.refutationFanout(),
        d.retransmitFactor(),
        d.localHealthMax(),
        d.lateMs(),
        d.pushPullIntervalMs(),
        d.deadPingIntervalMs(),
        d.forgetMs(),
        membersMax,
        d.datagramBytesMax());
  }

  private static World started(long seed, int nodes, GossipParameters parameters) {
    World world = new World(seed, nodes, parameters);
    world.run(5_000);
    assertAllAlive(world);
    return world;
  }

  private static void assertAllAlive(World world) {
    for (Host host : world.hosts) {
      for (Host other : world.hosts) {
        assertThat(host.thinksOf(other))
            .as("%s of %s", host.id, other.id)
            .isEqualTo(MemberState.ALIVE);
      }
    }
  }

  private static Update statement(Host about, MemberState state, long incarnation, String accuser) {
    Member member = new Member(about.id, about.address, incarnation);
    return state == MemberState.SUSPECT
        ? Update.suspicion(member, accuser, StreamOutcome.UNREACHABLE)
        : Update.of(member, state);
  }

  private static byte[] news(Member sender, List<Update> updates) {
    return MessageCodec.encode(new Packet(sender, new Message.News(), updates));
  }

  private static Member as(World world, Host liar) {
    return new Member(liar.id, liar.address, world.nowMs);
  }

  private static void tell(World world, Host to, byte[] datagram) {
    world.perform(to, to.gossip.receive(world.nowMs, datagram));
  }

  @ParameterizedTest
  @EnumSource(MemberState.class)
  void a_number_that_nobody_can_have_is_refused(MemberState state) {
    World world = started(1, 5, GossipParameters.DEFAULT);
    Host liar = world.hosts.get(4);
    Host victim = world.hosts.get(0);
    for (long number :
        List.of(MessageCodec.INCARNATION_MAX, Numbering.limit(world.nowMs) + 600_000)) {
      for (Host host : world.hosts.subList(0, 4)) {
        Update lie = statement(victim, state, number, liar.id);
        tell(world, host, news(as(world, liar), List.of(lie)));
        assertThat(host.gossip.counters().beyond()).isPositive();
      }
      world.run(1);
      assertAllAlive(world);
    }
    world.run(RECOVERY_MS);
    assertThat(world.deaths()).isEmpty();
    assertAllAlive(world);
  }

  @ParameterizedTest
  @EnumSource(MemberState.class)
  void who_is_lied_about_within_reason_contradicts_at_once(MemberState state) {
    for (long ahead : List.of(0L, 1L, 1_000L, Numbering.AHEAD_MS)) {
      World world = started(ahead, 5, GossipParameters.DEFAULT);
      Host liar = world.hosts.get(4);
      Host victim = world.hosts.get(0);
      Member wrong = new Member(victim.id, "10.9.9.9:7946", world.nowMs + ahead);
      Update lie =
          state == MemberState.SUSPECT
              ? Update.suspicion(wrong, liar.id, StreamOutcome.UNREACHABLE)
              : Update.of(wrong, state);
      for (Host host : world.hosts) {
        tell(world, host, news(as(world, liar), List.of(lie)));
      }
      world.run(3_000);
      assertAllAlive(world);
    }
  }

  @Test
  void a_death_that_is_only_claimed_kills_nobody_who_answers() {
    World world = started(7, 10, GossipParameters.DEFAULT);
    Host liar = world.hosts.get(9);
    Host victim = world.hosts.get(0);
    for (int round = 0; round < 300; round++) {
      Host to = world.hosts.get(1 + world.random.nextInt(8));
      long known = to.gossip.view().of(victim.id).orElseThrow().incarnation();
      Update lie = statement(victim, MemberState.DEAD, known, liar.id);
      tell(world, to, news(as(world, liar), List.of(lie)));
      world.run(100);
    }
    assertThat(world.deaths()).isEmpty();
    world.run(3_000);
    assertAllAlive(world);
  }

  @Test
  void a_member_whose_clock_was_wrong_at_its_start_is_alive_all_the_same() {
    World world = started(3, 5, GossipParameters.DEFAULT);
    Host odd = world.hosts.get(2);
    long year = 365L * 24 * 3_600 * 1_000;
    for (long shift : List.of(20 * year, -20 * year)) {
      Member member = new Member(odd.id, odd.address, world.nowMs + shift);
      odd.gossip = new Gossip(world.parameters, member, world.random.split(), world.nowMs);
      odd.life++;
      world.perform(odd, odd.gossip.join(world.nowMs, world.seeds()));
      world.run(RECOVERY_MS);
      assertAllAlive(world);
    }
  }

  @Test
  void inventions_do_not_keep_a_real_node_out() {
    World world = started(4, 5, SMALL);
    Host liar = world.hosts.get(4);
    Host late = world.hosts.get(3);
    late.set(World.Condition.MACHINE_GONE);
    for (Host host : world.hosts.subList(0, 3)) {
      for (int i = 0; i < 500; i++) {
        Member ghost = new Member("ghost" + i, "10.8.0." + (1 + i % 250) + ":7946", world.nowMs);
        MemberState state = i % 2 == 0 ? MemberState.ALIVE : MemberState.AWAY;
        tell(world, host, news(as(world, liar), List.of(Update.of(ghost, state))));
        tell(world, host, news(ghost, List.of()));
        assertThat(host.gossip.view().nodes()).hasSizeLessThanOrEqualTo(61);
      }
    }
    late.restart(world.seeds());
    world.run(RECOVERY_MS);
    assertAllAlive(world);
  }

  @Test
  void rumours_and_accusers_are_bounded() {
    Rumours rumours = new Rumours();
    Suspicion suspicion = new Suspicion("n0", StreamOutcome.UNREACHABLE, 0);
    for (int i = 0; i < 5_000; i++) {
      Member one = new Member("victim", "10.0.0.1:7946", 1);
      rumours.add(Update.suspicion(one, "n" + i, StreamOutcome.UNREACHABLE));
      rumours.add(Update.of(new Member("ghost" + i, "10.0.0.1:7946", 1), MemberState.ALIVE));
      boolean taken = suspicion.hear("n" + i, StreamOutcome.UNREACHABLE);
      assertThat(taken).isEqualTo(i > 0 && i < Suspicion.ACCUSERS_MAX);
    }
    assertThat(rumours.size()).isLessThan(Rumours.NODES_MAX + Rumours.PER_NODE_MAX);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void whatever_an_insider_sends_all_are_alive_soon_after_it_stops(long seed) {
    World world = started(seed, 3 + (int) (seed % 5), SMALL);
    for (Host host : world.hosts) {
      // Clocks of nodes that hear each other differ by less than the driver lets through.
      long ahead = world.random.nextLong(Numbering.CLOCKS_APART_MS) - Numbering.CLOCKS_APART_MS / 2;
      host.gossip.clock(world.nowMs, world.nowMs + ahead);
    }
    Lies lies = new Lies(world, new SplittableRandom(seed));
    for (int round = 0; round < 1_500; round++) {
      Host to = world.hosts.get(world.random.nextInt(world.hosts.size()));
      byte[] packet = lies.packet();
      if (world.random.nextInt(5) == 0) {
        world.perform(to, withoutAnswers(to.gossip.receiveStream(world.nowMs, 1, packet)));
      } else {
        tell(world, to, packet);
      }
      assertThat(to.gossip.view().nodes()).hasSizeLessThanOrEqualTo(61);
      world.run(world.random.nextLong(20));
    }
    world.run(RECOVERY_MS);
    assertAllAlive(world);
  }

  private static List<Effect> withoutAnswers(List<Effect> effects) {
    return effects.stream().filter(effect -> !(effect instanceof Effect.Answer)).toList();
  }

  /** Packets that an insider may make: well formed, nearly so, and not at all. */
  private record Lies(World world, RandomGenerator random) {
    private static final List<String> ADDRESSES =
        List.of("999.1.1.1:7946", "0.0.0.0:1", "10.7.7.7:65535", "[::1]:7946", "[fe80::1%x]:1");

    byte[] packet() {
      List<Update> updates = new ArrayList<>();
      for (int i = random.nextInt(12); i > 0; i--) {
        updates.add(update());
      }
      byte[] bytes = MessageCodec.encode(new Packet(member(), message(), updates));
      for (int changes = random.nextInt(6) - 3; changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      return bytes;
    }

    private Message message() {
      long sequence = random.nextBoolean() ? random.nextLong() : random.nextLong(1_000);
      return switch (random.nextInt(6)) {
        case 0 -> new Message.Ping(sequence, nodeId(), random.nextLong());
        case 1 -> new Message.Ack(sequence, random.nextLong());
        case 2 -> new Message.Nack(sequence);
        case 3 -> new Message.PingRequest(sequence, nodeId(), address(), random.nextLong(1L << 32));
        case 4 -> new Message.News();
        default -> new Message.State();
      };
    }

    private Update update() {
      MemberState state = one(List.of(MemberState.values()));
      StreamOutcome evidence = one(List.of(StreamOutcome.values()));
      Optional<String> accuser =
          state == MemberState.SUSPECT ? Optional.of(nodeId()) : Optional.empty();
      long age = random.nextInt(3) == 0 ? random.nextLong(1, MessageCodec.AGE_MS_MAX) : 0;
      return new Update(member(), state, accuser, evidence, age);
    }

    private <T> T one(List<T> all) {
      return all.get(random.nextInt(all.size()));
    }

    private Member member() {
      String nodeId = nodeId();
      long known =
          world.hosts.stream()
              .filter(host -> host.id.equals(nodeId))
              .findFirst()
              .map(host -> host.gossip.view().of(host.id).orElseThrow().incarnation())
              .orElse(world.nowMs);
      long number =
          switch (random.nextInt(6)) {
            case 0 -> MessageCodec.INCARNATION_MAX;
            case 1 -> Numbering.limit(world.nowMs) + random.nextLong(-400_000, 400_000);
            case 2 -> random.nextLong(MessageCodec.INCARNATION_MAX);
            default -> known + random.nextLong(3);
          };
      String address =
          world.hosts.stream()
              .filter(host -> host.id.equals(nodeId) && random.nextInt(4) > 0)
              .findFirst()
              .map(host -> host.address)
              .orElseGet(this::address);
      return new Member(nodeId, address, number);
    }

    private String nodeId() {
      return random.nextInt(3) > 0
          ? world.hosts.get(random.nextInt(world.hosts.size())).id
          : "ghost" + random.nextInt(200);
    }

    private String address() {
      return random.nextBoolean()
          ? world.hosts.get(random.nextInt(world.hosts.size())).address
          : ADDRESSES.get(random.nextInt(ADDRESSES.size()));
    }
  }
}
