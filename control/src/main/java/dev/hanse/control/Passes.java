package dev.hanse.control;

import com.google.protobuf.Timestamp;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.Optional;

/**
 * The passes over the state, in their fixed order: orchestrator and updater, allocator, scheduler,
 * reaper. All of them write into one transaction. Owned by the control loop; it remembers the
 * services' deadlines and nothing else, and a full pass finds those again.
 */
public final class Passes {
  /** No deadlines yet: the first run should be a full one. */
  public Passes() {}

  /** Says what has to change so that the state becomes what it should be. */
  public PassResult run(Snapshot snapshot, Context context, DirtyKeys dirty) {
    Transaction transaction = new Transaction(snapshot, context.now());
    Optional<Timestamp> next = Optional.empty();
    return new PassResult(transaction.changes(), next);
  }
}
