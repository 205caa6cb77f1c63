package dev.hanse.gossip;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A running suspicion: the more members have evidence of their own, the sooner it ends in death
 * (Lifeguard, section "dynamic suspicion timeouts"). Before the end the suspect is asked a last
 * time over TCP.
 */
final class Suspicion {
  private static final long HOLD_MS = 1_000;

  /** More make the death no sooner, and would only be kept and passed on. */
  static final int ACCUSERS_MAX = 8;

  /** The driver may report the end of a question so late, 40 times that when it is busy. */
  private static final long SLACK_MS = 50;

  private final Set<String> accusers = new LinkedHashSet<>();
  private final String firstAccuser;
  private long startMs;
  private long heldUntilMs = KnownMember.NEVER;
  private long askedMs = KnownMember.NEVER;
  private boolean machineAnswers;
  private boolean silent;
  private boolean claimed;
  private boolean outcomeKnown;

  Suspicion(String accuser, StreamOutcome evidence, long nowMs) {
    this.firstAccuser = accuser;
    this.startMs = nowMs;
    accuse(accuser, evidence);
  }

  /** Adds evidence of another; false when the accuser was known or there are enough. */
  boolean hear(String accuser, StreamOutcome evidence) {
    return accusers.size() < ACCUSERS_MAX && accuse(accuser, evidence);
  }

  /** Somebody holds the suspect for dead: all the others need not be asked what they think. */
  void claimDead() {
    claimed = true;
  }

  /** Adds evidence; false when the accuser was known. */
  boolean accuse(String accuser, StreamOutcome evidence) {
    machineAnswers |= evidence != StreamOutcome.UNREACHABLE;
    silent |= evidence == StreamOutcome.SILENT;
    return accusers.add(accuser);
  }

  boolean isAccusedBy(String nodeId) {
    return accusers.contains(nodeId);
  }

  String firstAccuser() {
    return firstAccuser;
  }

  boolean machineAnswers() {
    return machineAnswers;
  }

  /** What is passed on to those who have not heard of it. */
  StreamOutcome evidence() {
    if (silent) {
      return StreamOutcome.SILENT;
    }
    return machineAnswers ? StreamOutcome.REFUSED : StreamOutcome.UNREACHABLE;
  }

  long startMs() {
    return startMs;
  }

  /** This node was stopped for a while, which does not count. */
  void shift(long byMs) {
    startMs += byMs;
    askedMs = KnownMember.NEVER;
  }

  /** The last question was put, at this time. */
  void asked(long nowMs) {
    askedMs = nowMs;
    outcomeKnown = false;
  }

  boolean isAsked() {
    return askedMs != KnownMember.NEVER;
  }

  /**
   * When there is something to do next: to put the last question, or to declare the death.
   *
   * @param deadlineMs of {@link #deadlineMs}
   * @param questionMs how long the last question may take
   */
  long dueMs(long deadlineMs, long questionMs) {
    if (!isAsked()) {
      return deadlineMs - questionMs - SLACK_MS;
    }
    return outcomeKnown ? deadlineMs : Math.max(deadlineMs, askedMs + questionMs + 40 * SLACK_MS);
  }

  /**
   * How the last question has ended. A silent machine is dead after two failed questions only, and
   * is asked for no longer than it has time.
   */
  void answered(StreamOutcome outcome, GossipParameters parameters, long nowMs) {
    outcomeKnown = true;
    boolean again = silent;
    switch (outcome) {
      case SILENT -> {
        again = nowMs + HOLD_MS < startMs + parameters.stalledMaxMs();
        silent = true;
        machineAnswers = true;
      }
      case REFUSED -> {
        again = false; // Its kernel says that there is no such process.
        machineAnswers = true;
      }
      case UNREACHABLE -> silent = false;
    }
    if (again) {
      heldUntilMs = nowMs + HOLD_MS;
      askedMs = KnownMember.NEVER;
    }
  }

  /**
   * When it ends in death.
   *
   * @param others how many others could confirm
   * @param self this node: with evidence of its own it is the first to declare
   * @param heardMs when the suspect was last heard here
   */
  long deadlineMs(GossipParameters parameters, int others, String self, long heardMs) {
    int wanted = Math.min(parameters.confirmations(), others);
    int confirmed = accusers.size() - 1;
    long min = parameters.suspicionMinMs();
    long max = parameters.suspicionMaxMs();
    long timeout =
        claimed || confirmed >= wanted
            ? min
            : max - Math.round((max - min) * Math.log1p(confirmed) / Math.log1p(wanted));
    long extra = silent ? parameters.stalledMaxMs() : parameters.hearsayExtraMs();
    long deadline = startMs + timeout + (claimed || isAccusedBy(self) ? 0 : extra);
    // Who is heard lives, and is about to refute.
    long afterHeard = heardMs > startMs ? heardMs + min : deadline;
    long held = Math.min(heldUntilMs, startMs + parameters.stalledMaxMs());
    return Math.max(Math.max(deadline, afterHeard), held);
  }
}
