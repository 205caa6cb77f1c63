package dev.hanse.gossip;

/**
 * How badly this node works itself, 0 for well: it is slower to accuse others then (Lifeguard,
 * "local health aware probe").
 */
final class LocalHealth {
  private final int max;
  private int score;

  LocalHealth(int max) {
    this.max = max;
  }

  void better() {
    score = Math.max(0, score - 1);
  }

  void worse() {
    score = Math.min(max, score + 1);
  }

  int score() {
    return score;
  }

  long scale(long timeMs) {
    return timeMs * (score + 1);
  }
}
