package dev.hanse.gossip;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What this node thinks of the others: takes in statements, accuses, declares dead (SWIM, sections
 * 4.2 and 4.3).
 */
final class Beliefs {
  /** Who was heard so recently is asked, not believed dead. */
  private static final long FRESH_MS = 1_000;

  /** A failed relay counts as evidence for so long. */
  private static final long WITNESS_MS = 1_000;

  private static final long TELL_INTERVAL_MS = 50;

  /** A suspect gets so much time to refute, whoever says that it is dead. */
  private static final long REFUTATION_MS = 1_000;

  private final Outbox out;
  private final Refutation refutation;
  private final Consumer<KnownMember> revived;
  private final List<KnownMember> suspects = new ArrayList<>();
  private long nextForgettingMs;
  long membersRefused;
  long beyond;
  long suspicions;
  long deaths;

  /**
   * @param revived called with a dead member that is alive again
   */
  Beliefs(Outbox out, Refutation refutation, Consumer<KnownMember> revived) {
    this.out = out;
    this.refutation = refutation;
    this.revived = revived;
    this.nextForgettingMs = out.nowMs + out.parameters.forgetMs() / 64;
  }

  /** A packet has come from this member itself. */
  void heardFrom(Member sender) {
    KnownMember known = out.members.find(sender.nodeId());
    long limit = Numbering.limit(out.epochMs());
    if (sender.incarnation() <= limit) {
      introduction(sender);
    } else {
      beyond++;
      if (known == null || !known.isAlive()) {
        introduction(new Member(sender.nodeId(), sender.address(), limit));
      }
    }
    KnownMember member = out.members.find(sender.nodeId());
    if (member != null) {
      member.heardMs = out.nowMs;
      member.heardIncarnation = sender.incarnation();
    }
  }

  private void introduction(Member sender) {
    Update update = Update.of(sender, MemberState.ALIVE);
    if (out.members.find(sender.nodeId()) == null) {
      if (out.members.isFull()) {
        out.members.removeUnproven().ifPresent(this::removed);
      }
      introduce(update);
    } else {
      hear(sender.nodeId(), update);
    }
  }

  private void removed(KnownMember member) {
    suspects.remove(member);
    out.changed(member.nodeId, Optional.of(member.state), Optional.empty());
  }

  /** Is a statement one that an honest member may have made? See {@link Numbering}. */
  boolean admits(Update update) {
    long epochMs = out.epochMs();
    boolean admitted =
        update.incarnation()
            <= (out.isSelf(update.nodeId())
                ? Numbering.limitOfSelf(epochMs)
                : Numbering.limit(epochMs));
    if (!admitted) {
      beyond++;
    }
    return admitted;
  }

  /** Tells the sender of a packet what it seems not to know of itself. */
  void correct(Member sender) {
    KnownMember member = out.members.find(sender.nodeId());
    if (member != null
        && member.isToBeTold()
        && out.nowMs - member.toldMs >= TELL_INTERVAL_MS
        && member.state != MemberState.LEFT) {
      out.tell(member, sender.address(), List.of(member.statement()));
    }
  }

  /**
   * Takes in a statement that rode on a packet.
   *
   * @param by the packet's sender
   */
  void hear(String by, Update update) {
    if (out.isSelf(update.nodeId())) {
      refutation.hear(update);
      return;
    }
    KnownMember member = out.members.find(update.nodeId());
    if (member == null) {
      introduce(update);
      return;
    }
    if (update.incarnation() < member.incarnation) {
      return;
    }
    boolean newer = update.incarnation() > member.incarnation;
    boolean later = newer || update.state().compareTo(member.state) > 0;
    switch (update.state()) {
      case ALIVE -> {
        if (newer) {
          become(member, update);
        }
      }
      case SUSPECT -> {
        if (!update.accuser().equals(Optional.of(out.self.nodeId()))) {
          suspect(member, update, newer); // What this node has seen it knows from itself.
        }
      }
      case DEAD -> {
        if (later && out.nowMs - member.heardMs < FRESH_MS) {
          askInstead(member, update);
        } else if (later && (!member.isUp() || hadTimeToRefute(member))) {
          become(member, update);
        } else if (later) {
          doubt(member, by, update);
        }
      }
      case AWAY, LEFT -> {
        if (later) {
          become(member, update);
        }
      }
    }
  }

  /**
   * Takes in a statement of a complete exchange. Two sides that were apart may have declared each
   * other dead: where they differ about the same incarnation, the member itself is asked.
   */
  void merge(String by, Update update) {
    KnownMember member = out.members.find(update.nodeId());
    if (out.isSelf(update.nodeId()) || member == null) {
      hear(by, update);
      return;
    }
    boolean accuses = update.state() == MemberState.SUSPECT || update.state() == MemberState.DEAD;
    boolean same = update.incarnation() == member.incarnation;
    if (accuses && member.isAlive() && update.incarnation() >= member.incarnation) {
      askInstead(member, update);
    } else if (update.state() == MemberState.ALIVE && same && !member.isAlive()) {
      askInstead(member, member.statement());
    } else {
      hear(by, new Update(update.about(), update.state(), update.accuser(), update.evidence(), 0));
    }
  }

  private boolean hadTimeToRefute(KnownMember member) {
    Suspicion suspicion = member.suspicion;
    return suspicion != null && out.nowMs - suspicion.startMs() >= REFUTATION_MS;
  }

  /** A member is said to be dead that nobody has suspected: as a suspicion, and it is asked. */
  private void doubt(KnownMember member, String by, Update claim) {
    suspect(
        member,
        Update.suspicion(claim.about(), by, StreamOutcome.UNREACHABLE),
        claim.incarnation() > member.incarnation);
    Suspicion suspicion = member.suspicion;
    if (suspicion != null) {
      suspicion.claimDead();
      askInstead(member, member.statement());
    }
  }

  private void askInstead(KnownMember member, Update accusation) {
    if (out.nowMs - member.toldMs >= TELL_INTERVAL_MS) {
      out.tell(member, List.of(accusation));
    }
  }

  private void introduce(Update update) {
    boolean gone = update.state() == MemberState.DEAD || update.state() == MemberState.LEFT;
    boolean old = update.ageMs() >= out.parameters.forgetMs();
    if (gone && (update.ageMs() == 0 || old || update.state() == MemberState.LEFT)) {
      return; // Only who was told in a complete exchange keeps the memory of the dead.
    }
    if (out.members.isFull()) {
      membersRefused++;
      return;
    }
    boolean suspect = update.state() == MemberState.SUSPECT;
    MemberState state = suspect ? MemberState.ALIVE : update.state();
    KnownMember member = new KnownMember(update.about(), state, out.nowMs - update.ageMs());
    out.members.add(member);
    out.changed(member.nodeId, Optional.empty(), Optional.of(state));
    if (suspect) {
      suspect(member, update, false);
    } else if (!gone) {
      out.spread(Update.of(update.about(), state));
    }
  }

  private void become(KnownMember member, Update update) {
    MemberState before = member.state;
    member.incarnation = update.incarnation();
    member.address = update.about().address();
    member.suspicion = null;
    suspects.remove(member);
    if (before != update.state()) {
      member.state = update.state();
      member.sinceMs = out.nowMs;
    }
    out.spread(new Update(update.about(), update.state(), update.accuser(), update.evidence(), 0));
    out.changed(member.nodeId, Optional.of(before), Optional.of(member.state));
    if (before == MemberState.DEAD && member.isAlive()) {
      revived.accept(member);
    }
  }

  private void suspect(KnownMember member, Update update, boolean newer) {
    Suspicion present = member.suspicion;
    String accuser = update.accuser().orElse(member.nodeId);
    boolean own = accuser.equals(out.self.nodeId());
    if (accuser.equals(member.nodeId) || (!own && out.members.find(accuser) == null)) {
      return; // Nobody that we know has seen anything.
    }
    if (!newer && present != null) {
      if (own
          ? present.accuse(accuser, update.evidence())
          : present.hear(accuser, update.evidence())) {
        out.spread(update);
      }
    } else if (newer || member.isAlive()) {
      become(member, update);
      member.suspicion = new Suspicion(accuser, update.evidence(), out.nowMs);
      suspects.add(member);
    }
    if (out.nowMs - member.relayFailedMs < WITNESS_MS) {
      accuse(member, StreamOutcome.UNREACHABLE);
    }
  }

  /** This node has evidence of its own. */
  void accuse(KnownMember member, StreamOutcome evidence) {
    Suspicion present = member.suspicion;
    if (!member.isUp() || (present != null && present.isAccusedBy(out.self.nodeId()))) {
      return;
    }
    member.relayFailedMs = KnownMember.NEVER;
    suspicions++;
    suspect(member, Update.suspicion(member.member(), out.self.nodeId(), evidence), false);
  }

  /** A ping for somebody else was not answered: evidence, if the member is or gets suspected. */
  void relayFailed(KnownMember member) {
    member.relayFailedMs = out.nowMs;
    if (member.suspicion != null) {
      accuse(member, StreamOutcome.UNREACHABLE);
    }
  }

  /** Nudges suspects, asks them a last time, declares them dead. */
  void tick() {
    for (KnownMember member : List.copyOf(suspects)) {
      Suspicion suspicion = member.suspicion;
      if (suspicion != null) {
        tick(member, suspicion);
      }
    }
    if (out.nowMs >= nextForgettingMs) {
      nextForgettingMs = out.nowMs + out.parameters.forgetMs() / 64;
      forget();
    }
  }

  private void tick(KnownMember member, Suspicion suspicion) {
    if (out.nowMs >= dueMs(member, suspicion)) {
      if (suspicion.isAsked()) {
        deaths++;
        become(member, Update.of(member.member(), MemberState.DEAD));
      } else {
        suspicion.asked(out.nowMs);
        out.askPing(
            member,
            out.nextSequence(),
            out.parameters.lastQuestionMs(),
            new Outbox.Purpose.LastQuestion(member.nodeId, member.incarnation));
      }
    } else if (out.nowMs >= nudgeMs(member, suspicion)) {
      out.tell(member, List.of(member.statement()));
    }
  }

  private long dueMs(KnownMember member, Suspicion suspicion) {
    long deadlineMs =
        suspicion.deadlineMs(out.parameters, out.aliveOthers(), out.self.nodeId(), member.heardMs);
    return suspicion.dueMs(deadlineMs, out.parameters.lastQuestionMs());
  }

  private long nudgeMs(KnownMember member, Suspicion suspicion) {
    return suspicion.isAccusedBy(out.self.nodeId())
        ? Math.max(member.toldMs, suspicion.startMs()) + out.parameters.nudgeIntervalMs()
        : Long.MAX_VALUE;
  }

  /** The last question has failed. */
  void questionFailed(Outbox.Purpose.LastQuestion question, StreamOutcome outcome) {
    KnownMember member = out.members.find(question.nodeId());
    Suspicion suspicion = member == null ? null : member.suspicion;
    if (member == null || suspicion == null || member.incarnation != question.incarnation()) {
      return;
    }
    suspicion.answered(outcome, out.parameters, out.nowMs);
  }

  /** Is the member suspected by this node's own evidence, and so nudged already? */
  boolean isAccused(KnownMember member) {
    Suspicion suspicion = member.suspicion;
    return suspicion != null && suspicion.isAccusedBy(out.self.nodeId());
  }

  /** This node was stopped for a while, which does not count for its suspects. */
  void shift(long byMs) {
    for (KnownMember member : suspects) {
      Suspicion suspicion = member.suspicion;
      if (suspicion != null) {
        suspicion.shift(byMs);
      }
    }
  }

  private void forget() {
    long before = out.nowMs - out.parameters.forgetMs();
    for (KnownMember member : List.copyOf(out.members.all())) {
      if (!member.isUp() && member.sinceMs < before) {
        out.changed(member.nodeId, Optional.of(member.state), Optional.empty());
      }
    }
    out.members.removeIf(member -> !member.isUp() && member.sinceMs < before);
  }

  long nextMs() {
    long next = nextForgettingMs;
    for (KnownMember member : suspects) {
      Suspicion suspicion = member.suspicion;
      if (suspicion != null) {
        long due = dueMs(member, suspicion);
        next = Math.min(next, Math.min(due, nudgeMs(member, suspicion)));
      }
    }
    return next;
  }
}
