package dev.hanse.gossip;

import dev.hanse.gossip.Message.Packet;
import dev.hanse.gossip.MessageCodec.Decoded;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One node's part in the gossip. Every method takes the time, in milliseconds of a clock that never
 * jumps (an epoch time at the start, counted on by a monotonic clock), and returns what is to be
 * done. The driver calls {@link #tick} at {@link #nextDeadlineMs}; before that it hands over
 * everything that has arrived, for a late driver must not take its own lateness for the silence of
 * others. Not for several threads.
 *
 * <p>How a death is found: each probe interval a member is pinged ({@link Probing}); without an
 * answer others and TCP are tried; without an answer still, the member is suspected, and everybody
 * is told ({@link Beliefs}). The suspect is told too, and refutes with a higher incarnation if it
 * lives. If it does not, the suspicion ends in death, sooner if others have evidence of their own
 * ({@link Suspicion}).
 */
public final class Gossip {
  private final Outbox out;
  private final Refutation refutation;
  private final Beliefs beliefs;
  private final Probing probing;
  private final Exchanges exchanges;
  private final long startMs;
  private long expectedMs = Long.MAX_VALUE;
  private long malformed;
  private long unknownVersion;
  private long unknownKind;
  private long late;

  /**
   * Begins alone.
   *
   * @param self this node; its incarnation must be higher than in earlier lives, or it takes a
   *     moment longer to be believed: the epoch time in milliseconds will do
   * @param random for the order of probes and the choice of who is told
   */
  public Gossip(GossipParameters parameters, Member self, RandomGenerator random, long nowMs) {
    if (!Texts.isNodeId(self.nodeId()) || !Texts.isAddress(self.address())) {
      throw new IllegalArgumentException("no node id and IP:PORT: " + self);
    }
    this.startMs = nowMs;
    this.out = new Outbox(parameters, self, random, nowMs);
    this.exchanges = new Exchanges(out);
    this.refutation = new Refutation(out);
    this.beliefs = new Beliefs(out, refutation, exchanges::revived);
    this.probing = new Probing(out, beliefs);
  }

  /** Joins by complete exchanges with some of these, until one succeeds; also for new seeds. */
  public List<Effect> join(long nowMs, List<String> seeds) {
    out.nowMs = nowMs;
    exchanges.join(seeds);
    refutation.announce(0, Optional.empty());
    exchanges.tick();
    return leave();
  }

  /** Where others may be found, after a change of the managers; nothing happens at once. */
  public List<Effect> seeds(long nowMs, List<String> seeds) {
    enter(nowMs);
    exchanges.join(seeds);
    return leave();
  }

  /**
   * The host's clock shows this now: it may have been set since this core began, whose own time
   * never jumps. Needed only when the two differ.
   */
  public void clock(long nowMs, long epochMs) {
    out.clockAheadMs = epochMs - nowMs;
  }

  /** Does what is due. */
  public List<Effect> tick(long nowMs) {
    enter(nowMs);
    if (out.ownState == MemberState.ALIVE) {
      if (out.aliveOthers() == 0) {
        exchanges.lonely();
      }
      probing.tick();
      beliefs.tick();
      refutation.tick();
      exchanges.tick();
    }
    tellNews();
    return leave();
  }

  /** When {@link #tick} is to be called next. */
  public long nextDeadlineMs() {
    long next = out.rumours.isEmpty() ? Long.MAX_VALUE : out.newsDueMs;
    if (out.ownState != MemberState.ALIVE) {
      return next;
    }
    next = Math.min(next, Math.min(probing.nextMs(), beliefs.nextMs()));
    next = Math.min(next, refutation.nextMs());
    return Math.min(next, exchanges.nextMs());
  }

  /** A datagram has arrived, and is of a member of the swarm. */
  public List<Effect> receive(long nowMs, byte[] datagram) {
    enter(nowMs);
    Optional<Packet> packet = decode(datagram, Outbox.updatesMax());
    packet.ifPresent(present -> receive(present, Optional.empty()));
    return leave();
  }

  /**
   * A question has arrived over TCP, of a member of the swarm.
   *
   * @param exchange comes back in the {@link Effect.Answer}; there is none for what is no question
   */
  public List<Effect> receiveStream(long nowMs, long exchange, byte[] request) {
    enter(nowMs);
    decode(request, out.parameters.membersMax() + 1)
        .ifPresent(packet -> receive(packet, Optional.of(exchange)));
    return leave();
  }

  /** A question over TCP was answered. */
  public List<Effect> streamAnswered(long nowMs, long exchange, byte[] answer) {
    enter(nowMs);
    Outbox.Purpose purpose = out.questionEnded(exchange);
    Optional<Packet> packet = decode(answer, out.parameters.membersMax() + 1);
    if (purpose != null && packet.isPresent()) {
      if (purpose instanceof Outbox.Purpose.StateExchange) {
        exchanges.exchanged();
      }
      receive(packet.get(), Optional.empty());
    }
    return leave();
  }

  /** A question over TCP was not answered. */
  public List<Effect> streamFailed(long nowMs, long exchange, StreamOutcome outcome) {
    enter(nowMs);
    switch (out.questionEnded(exchange)) {
      case Outbox.Purpose.Probe probe -> probing.questionFailed(probe, outcome);
      case Outbox.Purpose.LastQuestion question -> beliefs.questionFailed(question, outcome);
      case Outbox.Purpose.StateExchange _ -> {}
      case null -> {}
    }
    return leave();
  }

  /**
   * Says that this node goes, {@link MemberState#AWAY} or {@link MemberState#LEFT}. The driver
   * should go on ticking for some hundred milliseconds, so that it gets around.
   */
  public List<Effect> depart(long nowMs, MemberState how) {
    if (how != MemberState.AWAY && how != MemberState.LEFT) {
      throw new IllegalArgumentException("a node departs AWAY or LEFT, not " + how);
    }
    enter(nowMs);
    out.rumours.clear();
    out.ownState = how;
    refutation.raise(out.self.incarnation(), Optional.empty());
    return leave();
  }

  /** What this node thinks of all, itself included. */
  public GossipView view() {
    Map<String, NodeLiveness> nodes = new HashMap<>();
    Member self = out.self;
    nodes.put(
        self.nodeId(),
        new NodeLiveness(
            out.ownState,
            Instant.ofEpochMilli(startMs),
            self.address(),
            self.incarnation(),
            false));
    for (KnownMember member : out.members.all()) {
      Suspicion suspicion = member.suspicion;
      nodes.put(
          member.nodeId,
          new NodeLiveness(
              member.state,
              Instant.ofEpochMilli(member.sinceMs),
              member.address,
              member.incarnation,
              suspicion != null && suspicion.machineAnswers()));
    }
    return new GossipView(nodes);
  }

  /** How badly this node works itself: 0 is well. */
  public int localHealth() {
    return out.health.score();
  }

  /** What has happened so far. */
  public GossipCounters counters() {
    return new GossipCounters(
        malformed,
        unknownVersion,
        unknownKind,
        beliefs.membersRefused,
        beliefs.beyond,
        beliefs.suspicions,
        beliefs.deaths,
        refutation.refutations,
        late);
  }

  /** Ends a call: the driver is expected back when something is due. */
  private List<Effect> leave() {
    expectedMs = Math.max(out.nowMs, nextDeadlineMs());
    return out.take();
  }

  /** A driver that comes late was stopped or starved: others may have answered meanwhile. */
  private void enter(long nowMs) {
    long lateByMs = nowMs - expectedMs;
    out.nowMs = nowMs;
    if (lateByMs > out.parameters.lateMs() && out.ownState == MemberState.ALIVE) {
      late++;
      out.health.worse();
      probing.shift(lateByMs);
      beliefs.shift(lateByMs);
      if (lateByMs >= out.parameters.probeTimeoutMs()) {
        refutation.raise(out.self.incarnation(), Optional.empty()); // Some may suspect us by now.
      }
    }
  }

  private Optional<Packet> decode(byte[] bytes, int updatesMax) {
    return switch (MessageCodec.decode(bytes, updatesMax)) {
      case Decoded.Known known -> Optional.of(known.packet());
      case Decoded.UnknownVersion _ -> {
        unknownVersion++;
        yield Optional.empty();
      }
      case Decoded.UnknownKind _ -> {
        unknownKind++;
        yield Optional.empty();
      }
      case Decoded.Malformed _ -> {
        malformed++;
        yield Optional.empty();
      }
    };
  }

  private void receive(Packet packet, Optional<Long> exchange) {
    Member sender = packet.sender();
    if (out.ownState != MemberState.ALIVE || out.isSelf(sender.nodeId())) {
      return;
    }
    beliefs.heardFrom(sender);
    boolean state = packet.message() instanceof Message.State;
    for (Update update : packet.updates()) {
      if (!beliefs.admits(update)) {
        continue;
      }
      if (state) {
        beliefs.merge(sender.nodeId(), update);
      } else {
        beliefs.hear(sender.nodeId(), update);
      }
    }
    switch (packet.message()) {
      case Message.Ping ping -> answer(sender, ping, exchange);
      case Message.Ack ack -> {
        probing.acknowledged(sender.nodeId(), ack.sequence());
        exchanges.compare(sender.nodeId(), ack.digest());
      }
      case Message.Nack nack -> probing.denied(nack.sequence());
      case Message.PingRequest request -> probing.relay(sender, request);
      case Message.News _ -> {}
      case Message.State _ ->
          exchange.ifPresent(id -> out.effect(new Effect.Answer(id, out.state())));
    }
    if (!(packet.message() instanceof Message.Ping)) {
      beliefs.correct(sender); // The answer to a ping does it.
    }
  }

  private void answer(Member sender, Message.Ping ping, Optional<Long> exchange) {
    if (!out.isSelf(ping.targetId())) {
      return; // The address has gone over to this node; the one meant is not here.
    }
    exchanges.compare(sender.nodeId(), ping.digest());
    Message ack = new Message.Ack(ping.sequence(), out.digest());
    KnownMember known = out.members.find(sender.nodeId());
    // What others say of it, and where it is, may be wrong: it hears of that where it is.
    List<Update> first =
        known != null && known.isToBeTold() ? List.of(known.statement()) : List.of();
    if (exchange.isPresent()) {
      Packet packet = new Packet(out.self, ack, first);
      out.effect(new Effect.Answer(exchange.get(), MessageCodec.encode(packet)));
    } else {
      out.send(sender.nodeId(), sender.address(), ack, first);
    }
  }

  private void tellNews() {
    if (out.rumours.isEmpty() || out.nowMs < out.newsDueMs) {
      return;
    }
    out.newsDueMs = out.nowMs + out.parameters.gossipIntervalMs();
    for (KnownMember member :
        out.members.choose(out.parameters.gossipFanout(), out.random, KnownMember::isUp)) {
      out.send(member, new Message.News());
    }
  }
}
