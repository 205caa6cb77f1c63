package dev.hanse.agent.network.host;

import dev.hanse.kernel.namespace.NetworkNamespace;
import dev.hanse.kernel.netlink.RulesetGeneration;
import java.util.OptionalLong;

/**
 * Tells whether somebody else has altered the packet rules of a namespace. The kernel numbers their
 * states; every change of ours must be made here, so that its step is told from those of others.
 * One for all tables of ours in a namespace.
 */
final class Alterations implements AutoCloseable {
  private final RulesetGeneration generation;

  /** From the first of these numbers to the last all steps were ours. */
  private long first;

  private long last;

  Alterations(NetworkNamespace namespace) {
    this.generation = RulesetGeneration.open(namespace);
    this.first = generation.now();
    this.last = first;
  }

  /** The number now. */
  long now() {
    long now = generation.now();
    if (now != last) {
      first = now;
      last = now;
    }
    return now;
  }

  /** Has nobody but us altered anything since that number? */
  boolean none(OptionalLong since) {
    long now = now();
    return since.isPresent() && since.getAsLong() >= first && since.getAsLong() <= now;
  }

  /**
   * Makes a change, which must be one transaction.
   *
   * @return the number that it left; empty when another program made a change at the same time
   */
  OptionalLong change(Runnable change) {
    long before = now();
    change.run();
    long after = generation.now();
    last = after;
    if (after == before + 1) {
      return OptionalLong.of(after);
    }
    first = after;
    return OptionalLong.empty();
  }

  @Override
  public void close() {
    generation.close();
  }
}
