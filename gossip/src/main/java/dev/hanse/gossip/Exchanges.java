package dev.hanse.gossip;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Complete exchanges with one other node: on joining, now and then, and when two nodes find by
 * their digests that they think differently though nothing is being told. Also looks for the dead,
 * who may only have been cut off.
 */
final class Exchanges {
  private static final int SEEDS_PER_TRY = 3;
  private static final int SEEDS_MAX = 64;
  private static final long TIMEOUT_MS = 2_000;
  private static final long LONELY_MAX_MS = 5_000;

  /** News need so long to be everywhere; only after that a difference means something. */
  private static final long SETTLED_MS = 1_500;

  private static final long DIGEST_INTERVAL_MS = 3_000;

  /** After so long the dead are looked for less often. */
  private static final long LONG_DEAD_MS = 600_000;

  private static final int LONG_DEAD_FACTOR = 5;

  private final Outbox out;
  private final Set<String> seeds = new TreeSet<>();
  private boolean joined;
  private long lonelyMs;
  private long nextSeedsMs = Long.MAX_VALUE;
  private long nextExchangeMs;
  private long nextDeadPingMs;
  private long lastByDigestMs = KnownMember.NEVER;

  Exchanges(Outbox out) {
    this.out = out;
    this.nextExchangeMs = out.nowMs + jitter(out.parameters.pushPullIntervalMs());
    this.nextDeadPingMs = out.nowMs + jitter(out.parameters.deadPingIntervalMs());
  }

  /** Between half and one and a half of a time. */
  private long jitter(long aroundMs) {
    return aroundMs / 2 + out.random.nextLong(aroundMs + 1);
  }

  /** Where others may be found; replaces what was told before. */
  void join(List<String> addresses) {
    seeds.clear();
    for (String address : addresses) {
      if (Texts.isAddress(address)
          && !address.equals(out.self.address())
          && seeds.size() < SEEDS_MAX) {
        seeds.add(address);
      }
    }
    lonelyMs = out.parameters.probeIntervalMs();
    nextSeedsMs = seeds.isEmpty() ? Long.MAX_VALUE : out.nowMs;
    joined = false;
  }

  void tick() {
    if (out.nowMs >= nextSeedsMs) {
      trySeeds();
    }
    if (out.nowMs >= nextExchangeMs) {
      nextExchangeMs = out.nowMs + jitter(out.parameters.pushPullIntervalMs());
      out.members.chooseOne(out.random, KnownMember::isAlive).ifPresent(this::exchange);
      strayingSeed().ifPresent(this::exchange);
    }
    if (out.nowMs >= nextDeadPingMs) {
      pingDead();
    }
  }

  private void trySeeds() {
    boolean lonely = out.aliveOthers() == 0;
    if (joined && !lonely) {
      nextSeedsMs = Long.MAX_VALUE;
      return;
    }
    lonelyMs = Math.min(LONELY_MAX_MS, lonelyMs * 2);
    nextSeedsMs = out.nowMs + jitter(lonelyMs);
    if (!out.isAsking(Outbox.Purpose.StateExchange.class)) {
      shuffledSeeds().stream().limit(SEEDS_PER_TRY).forEach(this::exchange);
    }
  }

  private List<String> shuffledSeeds() {
    record Placed(String address, long place) {}

    return seeds.stream()
        .map(address -> new Placed(address, out.random.nextLong()))
        .sorted((one, other) -> Long.compare(one.place, other.place))
        .map(Placed::address)
        .toList();
  }

  /** A seed where nobody lives that we know of: after a long separation the only way back. */
  private Optional<String> strayingSeed() {
    return shuffledSeeds().stream().filter(address -> !out.members.isAliveAt(address)).findFirst();
  }

  private void pingDead() {
    Optional<KnownMember> dead = out.members.chooseOne(out.random, KnownMember::isDead);
    // Everybody does it: in a large swarm each does it less often.
    long interval = out.parameters.deadPingIntervalMs() * Math.max(1, out.aliveOthers() / 4);
    boolean longDead = dead.map(member -> out.nowMs - member.sinceMs > LONG_DEAD_MS).orElse(false);
    nextDeadPingMs = out.nowMs + jitter(longDead ? interval * LONG_DEAD_FACTOR : interval);
    dead.ifPresent(member -> out.tell(member, List.of(member.statement())));
  }

  void exchange(KnownMember member) {
    exchange(member.address);
  }

  private void exchange(String address) {
    out.ask(address, out.state(), TIMEOUT_MS, new Outbox.Purpose.StateExchange(address));
  }

  /** A complete exchange has succeeded. */
  void exchanged() {
    joined = true;
  }

  /** A packet says what its sender thinks of all. */
  void compare(String senderId, long digest) {
    boolean settled = out.rumours.isEmpty() && out.nowMs - out.changedMs >= SETTLED_MS;
    if (settled
        && digest != out.digest()
        && out.nowMs - lastByDigestMs >= DIGEST_INTERVAL_MS
        && !out.isAsking(Outbox.Purpose.StateExchange.class)) {
      KnownMember sender = out.members.find(senderId);
      if (sender != null && sender.isUp()) {
        lastByDigestMs = out.nowMs;
        exchange(sender);
      }
    }
  }

  /** Nobody is alive any more, or somebody has come back. */
  void revived(KnownMember member) {
    if (!out.isAsking(Outbox.Purpose.StateExchange.class)) {
      exchange(member);
    }
  }

  /** The number of members has changed: alone, the seeds are tried again. */
  void lonely() {
    if (nextSeedsMs == Long.MAX_VALUE && !seeds.isEmpty()) {
      nextSeedsMs = out.nowMs;
    }
  }

  long nextMs() {
    return Math.min(nextSeedsMs, Math.min(nextExchangeMs, nextDeadPingMs));
  }
}
