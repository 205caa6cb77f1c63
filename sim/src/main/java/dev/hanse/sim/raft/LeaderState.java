package dev.hanse.sim.raft;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a leader knows of the others, from its election on. */
final class LeaderState {
  private final long firstIndex;
  private final long began;
  private final Map<String, Progress> progress = new TreeMap<>();
  private boolean announced;
  private long heartbeatSent;

  /** How far another member is. */
  static final class Progress {
    private long next;
    private long match;
    private long heard;
    private long sent = Long.MIN_VALUE / 2;
    private boolean waiting;

    long next() {
      return next;
    }

    /** Something was sent; until an answer or some time has come nothing more is. */
    void sent(long now) {
      sent = now;
      waiting = true;
    }

    boolean mayBeSent(long now, long patience) {
      return !waiting || now - sent >= patience;
    }

    void has(long index) {
      match = Math.max(match, index);
      next = Math.max(next, match + 1);
      waiting = false;
    }

    /** Returns whether that is news: an answer that came twice leads to nothing. */
    boolean lacksAfter(long index) {
      long former = next;
      next = Math.max(1, Math.max(match + 1, Math.min(next - 1, index + 1)));
      waiting = false;
      return next != former;
    }
  }

  LeaderState(long firstIndex, long now) {
    this.firstIndex = firstIndex;
    this.began = now;
  }

  /** The index of the first entry of this term. */
  long firstIndex() {
    return firstIndex;
  }

  Progress of(String nodeId) {
    return progress.computeIfAbsent(
        nodeId,
        id -> {
          Progress fresh = new Progress();
          fresh.next = firstIndex;
          fresh.heard = began;
          return fresh;
        });
  }

  /** A member comes with an empty disk, whatever one of its name had before. */
  void forget(String nodeId) {
    progress.remove(nodeId);
  }

  /** The voters that were heard of since then. */
  List<String> heardSince(List<String> voters, long since) {
    return voters.stream().filter(id -> of(id).heard >= since).toList();
  }

  void heard(String nodeId, long now) {
    of(nodeId).heard = now;
  }

  boolean hearsMajority(List<String> voters, String self, long since) {
    long heard = voters.stream().filter(id -> id.equals(self) || of(id).heard >= since).count();
    return heard * 2 > voters.size();
  }

  /** The highest index that a majority has. */
  long majorityHas(List<String> voters) {
    List<Long> matches = voters.stream().map(id -> of(id).match).sorted().toList();
    return matches.isEmpty() ? 0 : matches.get((matches.size() - 1) / 2);
  }

  Optional<String> mostAdvanced(List<String> others) {
    return others.stream().max((a, b) -> Long.compare(of(a).match, of(b).match));
  }

  boolean announced() {
    return announced;
  }

  void announce() {
    announced = true;
  }

  long heartbeatSent() {
    return heartbeatSent;
  }

  void heartbeat(long now) {
    heartbeatSent = now;
  }
}
