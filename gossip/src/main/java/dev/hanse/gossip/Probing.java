package dev.hanse.gossip;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks one member after the other whether it is there: directly, then by way of others and over TCP
 * (SWIM, section 3.1; Lifeguard for the negative answers of the others). Also pings for others.
 */
final class Probing {
  private static final int RELAYS_MAX = 256;
  private static final long RELAY_TIMEOUT_MAX_MS = 10_000;

  /** A probe that runs. */
  private static final class Probe {
    final String targetId;
    long repeatMs;
    long indirectMs;
    long failMs;
    int nacksWanted;
    int nacks;
    StreamOutcome evidence = StreamOutcome.UNREACHABLE;

    Probe(String targetId) {
      this.targetId = targetId;
    }

    long nextMs() {
      return Math.min(Math.min(repeatMs, indirectMs), failMs);
    }
  }

  /** A ping for another node that runs. */
  private static final class Relay {
    final String askerId;
    final long askerSequence;
    final String targetId;
    long repeatMs;
    final long failMs;

    Relay(String askerId, long askerSequence, String targetId, long repeatMs, long failMs) {
      this.askerId = askerId;
      this.askerSequence = askerSequence;
      this.targetId = targetId;
      this.repeatMs = repeatMs;
      this.failMs = failMs;
    }

    long nextMs() {
      return Math.min(repeatMs, failMs);
    }
  }

  private final Outbox out;
  private final Beliefs beliefs;
  private final ProbeOrder order;
  private final Map<Long, Probe> probes = new LinkedHashMap<>();
  private final Map<Long, Relay> relays = new LinkedHashMap<>();
  private long nextRoundMs;

  Probing(Outbox out, Beliefs beliefs) {
    this.out = out;
    this.beliefs = beliefs;
    this.order = new ProbeOrder(out);
    // Nodes that start together shall not probe together.
    this.nextRoundMs = out.nowMs + out.random.nextLong(out.parameters.probeIntervalMs());
  }

  void tick() {
    for (Map.Entry<Long, Probe> entry : List.copyOf(probes.entrySet())) {
      tick(entry.getKey(), entry.getValue());
    }
    for (Map.Entry<Long, Relay> entry : List.copyOf(relays.entrySet())) {
      tick(entry.getKey(), entry.getValue());
    }
    if (out.nowMs >= nextRoundMs) {
      long interval = out.health.scale(out.parameters.probeIntervalMs());
      nextRoundMs = Math.max(nextRoundMs + interval, out.nowMs + interval / 2);
      // A suspect that this node accuses is nudged more often than it would be probed.
      order
          .next(member -> member.isUp() && !beliefs.isAccused(member) && !isProbed(member))
          .ifPresent(this::start);
    }
  }

  private boolean isProbed(KnownMember member) {
    return probes.values().stream().anyMatch(probe -> probe.targetId.equals(member.nodeId));
  }

  private void start(KnownMember target) {
    long sequence = out.nextSequence();
    Probe probe = new Probe(target.nodeId);
    long ackMs = out.health.scale(out.parameters.ackTimeoutMs());
    probe.repeatMs = out.nowMs + ackMs / 2;
    probe.indirectMs = out.nowMs + ackMs;
    probe.failMs = out.nowMs + out.health.scale(out.parameters.probeTimeoutMs());
    probes.put(sequence, probe);
    out.send(target, out.ping(sequence, target));
  }

  private void tick(long sequence, Probe probe) {
    KnownMember target = out.members.find(probe.targetId);
    if (target == null || !target.isUp()) {
      probes.remove(sequence);
    } else if (out.nowMs >= probe.failMs) {
      probes.remove(sequence);
      fail(probe, target);
    } else if (out.nowMs >= probe.indirectMs) {
      probe.repeatMs = Long.MAX_VALUE;
      probe.indirectMs = Long.MAX_VALUE;
      askOthers(sequence, probe, target);
    } else if (out.nowMs >= probe.repeatMs) {
      probe.repeatMs = Long.MAX_VALUE;
      out.send(target, out.ping(sequence, target));
    }
  }

  private void askOthers(long sequence, Probe probe, KnownMember target) {
    long leftMs = probe.failMs - out.nowMs;
    out.send(target, out.ping(sequence, target));
    List<KnownMember> helpers =
        out.members.choose(
            out.parameters.indirectPings(),
            out.random,
            member -> member.isAlive() && member != target);
    for (KnownMember helper : helpers) {
      out.send(helper, new Message.PingRequest(sequence, target.nodeId, target.address, leftMs));
    }
    probe.nacksWanted = helpers.size();
    // The outcome is evidence, and shall be here before the end.
    out.askPing(target, sequence, leftMs * 4 / 5, new Outbox.Purpose.Probe(sequence));
  }

  private void fail(Probe probe, KnownMember target) {
    // Helpers that are silent too, or none at all: it may be this node that does not work.
    if (probe.nacks < probe.nacksWanted || probe.nacksWanted == 0) {
      out.health.worse();
    }
    beliefs.accuse(target, probe.evidence);
  }

  /** The question over TCP has failed. */
  void questionFailed(Outbox.Purpose.Probe question, StreamOutcome outcome) {
    Probe probe = probes.get(question.sequence());
    if (probe != null) {
      probe.evidence = outcome;
    }
  }

  /** An answer to a probe, or to a ping for another node, or to a nudge that nobody waits for. */
  void acknowledged(String senderId, long sequence) {
    Probe probe = probes.remove(sequence);
    if (probe != null) {
      out.health.better();
      KnownMember target = out.members.find(probe.targetId);
      if (target != null && target.nodeId.equals(senderId)) {
        target.proven = true;
      }
      return;
    }
    Relay relay = relays.remove(sequence);
    if (relay != null) {
      answer(relay, new Message.Ack(relay.askerSequence, out.digest()));
    }
  }

  /** A helper lives, and has no answer either. */
  void denied(long sequence) {
    Probe probe = probes.get(sequence);
    if (probe != null) {
      probe.nacks++;
    }
  }

  /** Another node asks for a ping. */
  void relay(Member asker, Message.PingRequest request) {
    if (relays.size() >= RELAYS_MAX || out.isSelf(request.targetId())) {
      return;
    }
    long timeoutMs = Math.min(request.timeoutMs(), RELAY_TIMEOUT_MAX_MS);
    long sequence = out.nextSequence();
    relays.put(
        sequence,
        new Relay(
            asker.nodeId(),
            request.sequence(),
            request.targetId(),
            out.nowMs + timeoutMs * 2 / 5,
            out.nowMs + timeoutMs * 4 / 5));
    ping(sequence, request.targetId(), request.targetAddress());
  }

  private void ping(long sequence, String targetId, String address) {
    KnownMember target = out.members.find(targetId);
    if (target != null) {
      out.send(target, out.ping(sequence, target));
    } else {
      out.send(targetId, address, new Message.Ping(sequence, targetId, out.digest()), List.of());
    }
  }

  private void tick(long sequence, Relay relay) {
    KnownMember target = out.members.find(relay.targetId);
    if (out.nowMs >= relay.failMs) {
      relays.remove(sequence);
      answer(relay, new Message.Nack(relay.askerSequence));
      if (target != null && target.isUp()) {
        beliefs.relayFailed(target);
      }
    } else if (out.nowMs >= relay.repeatMs) {
      relay.repeatMs = Long.MAX_VALUE;
      if (target != null) {
        ping(sequence, target.nodeId, target.address);
      }
    }
  }

  private void answer(Relay relay, Message message) {
    @Nullable KnownMember asker = out.members.find(relay.askerId);
    if (asker != null) {
      out.send(asker, message);
    }
  }

  /** This node was stopped for a while: what it waits for gets that time on top. */
  void shift(long byMs) {
    for (Probe probe : new ArrayList<>(probes.values())) {
      probe.repeatMs = later(probe.repeatMs, byMs);
      probe.indirectMs = later(probe.indirectMs, byMs);
      probe.failMs = later(probe.failMs, byMs);
    }
    relays.clear();
    nextRoundMs += byMs;
  }

  private static long later(long timeMs, long byMs) {
    return timeMs == Long.MAX_VALUE ? timeMs : timeMs + byMs;
  }

  long nextMs() {
    long next = nextRoundMs;
    for (Probe probe : probes.values()) {
      next = Math.min(next, probe.nextMs());
    }
    for (Relay relay : relays.values()) {
      next = Math.min(next, relay.nextMs());
    }
    return next;
  }
}
