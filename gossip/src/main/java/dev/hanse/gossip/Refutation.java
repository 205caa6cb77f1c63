package dev.hanse.gossip;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What this node says of itself: it contradicts a statement that is not true with a higher number.
 * However often it is accused it tells others at once only now and then, so that one packet of a
 * member that lies does not become many.
 */
final class Refutation {
  /** Whoever accuses this node more often hears of it with the next packets. */
  private static final long ANNOUNCE_INTERVAL_MS = 50;

  private final Outbox out;
  private long announcedMs = KnownMember.NEVER;
  private boolean announcementDue;
  long refutations;

  Refutation(Outbox out) {
    this.out = out;
  }

  /** Somebody says something about this node. */
  void hear(Update update) {
    boolean known =
        update.incarnation() < out.self.incarnation()
            || (update.incarnation() == out.self.incarnation()
                && update.state() == out.ownState
                && update.about().address().equals(out.self.address()));
    if (known || out.ownState != MemberState.ALIVE) {
      return;
    }
    refutations++;
    if (update.state() == MemberState.SUSPECT) {
      out.health.worse();
    }
    if (out.nowMs - announcedMs >= ANNOUNCE_INTERVAL_MS) {
      raise(update.incarnation(), update.accuser());
    } else {
      number(update.incarnation());
      announcementDue = true;
    }
  }

  /** Says with a new incarnation that this node is alive, to the accuser first. */
  void raise(long above, Optional<String> accuser) {
    number(above);
    announcedMs = out.nowMs;
    announcementDue = false;
    announce(out.parameters.refutationFanout(), accuser);
  }

  private void number(long above) {
    long next = Math.max(out.self.incarnation(), above) + 1;
    out.self = new Member(out.self.nodeId(), out.self.address(), next);
  }

  /** Tells about this node at once, then as news are told. */
  void announce(int fanout, Optional<String> first) {
    Update own = Update.of(out.self, out.ownState);
    out.spread(own);
    out.changed(out.self.nodeId(), Optional.of(out.ownState), Optional.of(out.ownState));
    List<KnownMember> told =
        new ArrayList<>(out.members.choose(fanout, out.random, KnownMember::isUp));
    first.map(out.members::find).filter(member -> !told.contains(member)).ifPresent(told::add);
    for (KnownMember member : told) {
      out.send(member.nodeId, member.address, new Message.News(), List.of(own));
    }
  }

  void tick() {
    if (announcementDue && out.nowMs - announcedMs >= ANNOUNCE_INTERVAL_MS) {
      announcedMs = out.nowMs;
      announcementDue = false;
      announce(out.parameters.refutationFanout(), Optional.empty());
    }
  }

  long nextMs() {
    return announcementDue ? announcedMs + ANNOUNCE_INTERVAL_MS : Long.MAX_VALUE;
  }
}
