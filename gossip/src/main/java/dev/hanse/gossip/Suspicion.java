package dev.hanse.gossip;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A running suspicion: the more members have evidence of their own, the sooner it ends in death
 * (Lifeguard, section "dynamic suspicion timeouts"). Before the end the suspect is asked a last
 * time over TCP.
 */
final class Suspicion {
  private final Set<String> accusers = new LinkedHashSet<>();
  private final String firstAccuser;
  private long startMs;
  private long heldUntilMs = KnownMember.NEVER;
  private long askedMs = KnownMember.NEVER;
  private boolean machineAnswers;

  Suspicion(String accuser, boolean machineAnswers, long nowMs) {
    this.firstAccuser = accuser;
    this.startMs = nowMs;
    accuse(accuser, machineAnswers);
  }

  /** Adds evidence; false when the accuser was known. */
  boolean accuse(String accuser, boolean answers) {
    machineAnswers |= answers;
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
  }

  long askedMs() {
    return askedMs;
  }

  /** Its machine takes connections: not dead before this time, then to be asked again. */
  void hold(long untilMs, boolean answers) {
    heldUntilMs = untilMs;
    askedMs = KnownMember.NEVER;
    machineAnswers |= answers;
  }

  /** The machine refused the connection. */
  void machineRefused() {
    machineAnswers = true;
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
        confirmed >= wanted
            ? min
            : max - Math.round((max - min) * Math.log1p(confirmed) / Math.log1p(wanted));
    long deadline = startMs + timeout + (isAccusedBy(self) ? 0 : parameters.hearsayExtraMs());
    // Who is heard lives, and is about to refute.
    long afterHeard = heardMs > startMs ? heardMs + min : deadline;
    long held = Math.min(heldUntilMs, startMs + parameters.stalledMaxMs());
    return Math.max(Math.max(deadline, afterHeard), held);
  }
}
