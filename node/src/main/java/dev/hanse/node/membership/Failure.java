package dev.hanse.node.membership;

import dev.hanse.docker.SwarmRefusal;

/** What went wrong with this node's part in a swarm, as the API is told. */
final class Failure {
  private Failure() {}

  /**
   * A refusal that is nobody's fault but this node's; an interruption stays one.
   *
   * @param action what was being done
   */
  static SwarmRefusal of(String action, Exception fault) {
    if (fault instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new SwarmRefusal(SwarmRefusal.Kind.INTERNAL, action + ": " + fault.getMessage(), fault);
  }
}
