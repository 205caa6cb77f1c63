package dev.hanse.control;

import dev.hanse.store.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the parts of a pass apart: what one object makes its part throw is noted, what that part
 * wrote is taken back, and the others go on as if the object had not been looked at. It is looked
 * at again when it changes, and in the full pass of each minute.
 */
public final class Isolation {
  private final Transaction transaction;
  private final List<PassFault> faults = new ArrayList<>();

  /** For one pass. */
  public Isolation(Transaction transaction) {
    this.transaction = transaction;
  }

  /**
   * Runs a part.
   *
   * @param kind what it is about: "service", "task"
   * @param id which of them
   * @return whether it ran to its end; else nothing of what it wrote remains
   */
  public boolean run(String kind, String id, Runnable part) {
    Transaction.Savepoint before = transaction.savepoint();
    try {
      part.run();
      return true;
    } catch (RuntimeException | Error thrown) {
      Containment.check(thrown);
      transaction.rollBack(before);
      faults.add(new PassFault(kind + " " + id, thrown));
      return false;
    }
  }

  /** What was skipped, in order. */
  public List<PassFault> faults() {
    return List.copyOf(faults);
  }

  /** The last fault as a task's status tells it. */
  public String lastReason() {
    return "skipped after an internal error: "
        + faults.getLast().cause().getClass().getSimpleName();
  }
}
