package dev.hanse.gossip;

import dev.hanse.gossip.Message.Packet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** This node's own side, which all parts share: who it is, what it thinks, what it sends. */
final class Outbox {
  /** What a question over TCP was for. */
  sealed interface Purpose {
    /** A probe got no answer to its pings. */
    record Probe(long sequence) implements Purpose {}

    /** A suspect is asked before it is declared dead. */
    record LastQuestion(String nodeId, long incarnation) implements Purpose {}

    /** A complete exchange. */
    record StateExchange(String address) implements Purpose {}
  }

  private static final int UPDATES_PER_PACKET_MAX = 255;

  final GossipParameters parameters;
  final RandomGenerator random;
  final Members members;
  final LocalHealth health;
  final Rumours rumours = new Rumours();
  Member self;
  MemberState ownState = MemberState.ALIVE;
  long nowMs;

  /** What the host's clock shows, less {@link #nowMs}: it may have been set since the start. */
  long clockAheadMs;

  /** When the beliefs last changed. */
  long changedMs = KnownMember.NEVER;

  /** When news are told next; only while there are any. */
  long newsDueMs;

  private final Map<Long, Purpose> questions = new HashMap<>();
  private long lastExchange;
  private long lastSequence;
  private boolean digestKnown;
  private boolean aliveKnown;
  private int aliveOthers;
  private long digest;
  private List<Effect> effects = new ArrayList<>();

  Outbox(GossipParameters parameters, Member self, RandomGenerator random, long nowMs) {
    this.parameters = parameters;
    this.self = self;
    this.random = random;
    this.nowMs = nowMs;
    this.members = new Members(parameters.membersMax());
    this.health = new LocalHealth(parameters.localHealthMax());
    this.lastSequence = random.nextLong() >>> 16;
  }

  boolean isSelf(String nodeId) {
    return nodeId.equals(self.nodeId());
  }

  long nextSequence() {
    return ++lastSequence;
  }

  void effect(Effect effect) {
    effects.add(effect);
  }

  /** The effects since the last call. */
  List<Effect> take() {
    if (effects.isEmpty()) {
      return List.of();
    }
    List<Effect> taken = effects;
    effects = new ArrayList<>();
    return taken;
  }

  /** Tells others soon; news that come together are told together. */
  void spread(Update update) {
    if (rumours.isEmpty()) {
      newsDueMs = nowMs + parameters.gossipIntervalMs() / 10;
    }
    rumours.add(update);
  }

  void changed(String nodeId, Optional<MemberState> before, Optional<MemberState> after) {
    digestKnown = false;
    aliveKnown = false;
    changedMs = nowMs;
    if (!before.equals(after)) {
      effect(new Effect.Changed(nodeId, before, after));
    }
  }

  /** Sends to a member, with what is thought of it if that is not what it thinks. */
  void send(KnownMember to, Message message) {
    List<Update> first = to.isToBeTold() ? List.of(to.statement()) : List.of();
    send(to.nodeId, to.address, message, first);
  }

  void send(String nodeId, String address, Message message, List<Update> first) {
    effect(new Effect.Send(address, packet(nodeId, message, first)));
  }

  /** A ping that nobody waits for; its answer comes as any packet of the member does. */
  void tell(KnownMember member, List<Update> first) {
    tell(member, member.address, first);
  }

  /** The same at an address that it has shown itself, whatever others say of its address. */
  void tell(KnownMember member, String address, List<Update> first) {
    member.toldMs = nowMs;
    send(member.nodeId, address, ping(nextSequence(), member), first);
  }

  /** The host's time, as numbers of members are made of it. */
  long epochMs() {
    return nowMs + clockAheadMs;
  }

  Message ping(long sequence, KnownMember target) {
    return new Message.Ping(sequence, target.nodeId, digest());
  }

  private byte[] packet(String toNodeId, Message message, List<Update> first) {
    int left = parameters.datagramBytesMax() - MessageCodec.headBytes(self, message);
    List<Update> updates = new ArrayList<>(first);
    for (Update update : first) {
      left -= MessageCodec.updateBytes(update);
    }
    updates.addAll(rumours.take(left, ridesMax(), toNodeId));
    return MessageCodec.encode(new Packet(self, message, updates));
  }

  private int ridesMax() {
    int nodes = members.all().size() + 2;
    return parameters.retransmitFactor() * (Integer.SIZE - Integer.numberOfLeadingZeros(nodes));
  }

  /** Everything that this node thinks, itself included, with the ages. */
  byte[] state() {
    List<Update> updates = new ArrayList<>();
    updates.add(Update.of(self, ownState));
    for (KnownMember member : members.all()) {
      Update now = member.statement();
      long ageMs = Math.max(1, nowMs - member.sinceMs);
      updates.add(new Update(now.about(), now.state(), now.accuser(), now.evidence(), ageMs));
    }
    return MessageCodec.encode(new Packet(self, new Message.State(), updates));
  }

  void ask(String address, byte[] request, long timeoutMs, Purpose purpose) {
    long exchange = ++lastExchange;
    questions.put(exchange, purpose);
    effect(new Effect.Ask(exchange, address, request, timeoutMs));
  }

  /** Asks a member over TCP whether it is there. */
  void askPing(KnownMember target, long sequence, long timeoutMs, Purpose purpose) {
    List<Update> first = target.isToBeTold() ? List.of(target.statement()) : List.of();
    Packet packet = new Packet(self, ping(sequence, target), first);
    ask(target.address, MessageCodec.encode(packet), timeoutMs, purpose);
  }

  @Nullable Purpose questionEnded(long exchange) {
    return questions.remove(exchange);
  }

  boolean isAsking(Class<? extends Purpose> kind) {
    return questions.values().stream().anyMatch(kind::isInstance);
  }

  /** How many others are alive and not suspected. */
  int aliveOthers() {
    if (!aliveKnown) {
      aliveOthers = members.count(KnownMember::isAlive);
      aliveKnown = true;
    }
    return aliveOthers;
  }

  static int updatesMax() {
    return UPDATES_PER_PACKET_MAX;
  }

  /**
   * Equal for nodes that think the same of all others. A suspect counts as alive, since suspicions
   * pass; those that are about to be forgotten do not count, since nodes forget at different times.
   */
  long digest() {
    if (!digestKnown) {
      long sum = mix(self.nodeId(), self.incarnation(), ownState);
      for (KnownMember member : members.all()) {
        boolean fades = !member.isUp() && nowMs - member.sinceMs > parameters.forgetMs() / 2;
        if (member.state != MemberState.LEFT && !fades) {
          sum += mix(member.nodeId, member.incarnation, member.state);
        }
      }
      digest = sum;
      digestKnown = true;
    }
    return digest;
  }

  private static long mix(String nodeId, long incarnation, MemberState state) {
    int kind =
        switch (state) {
          case ALIVE, SUSPECT -> 1;
          case DEAD -> 2;
          case AWAY -> 3;
          case LEFT -> 4;
        };
    return Mixing.mix(Mixing.mix(nodeId) + incarnation * 31 + kind);
  }
}
