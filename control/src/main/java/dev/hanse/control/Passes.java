package dev.hanse.control;

import dev.hanse.control.allocator.Allocator;
import dev.hanse.control.keys.GossipKeys;
import dev.hanse.control.orchestrator.Orchestrator;
import dev.hanse.control.reaper.Reaper;
import dev.hanse.control.scheduler.Scheduler;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * The passes over the state, in their fixed order: orchestrator with updater, allocator, scheduler,
 * reaper, keys. All of them write into one transaction, and each looks only at what the dirty keys
 * say may have been helped or disturbed. Owned by the control loop; it remembers the services'
 * deadlines and which services wait for ports or addresses, and a full pass finds those again. What
 * makes its part of a pass throw is skipped ({@link Isolation}) and said in the result.
 */
public final class Passes {
  private static final String SERVICE = "service";

  private final Deadlines deadlines = new Deadlines();
  private final Set<String> waitingServices = new TreeSet<>();

  /** Remembers nothing yet: the first run should be a full one. */
  public Passes() {}

  /** Says what has to change so that the state becomes what it should be. */
  public PassResult run(Snapshot snapshot, Context context, DirtyKeys dirty) {
    Scope scope = dirty.scope(snapshot);
    scope.services().addAll(deadlines.due(Times.instant(context.now())));
    if (dirty.everything()) {
      deadlines.clear();
      waitingServices.clear();
    }
    scope.services().forEach(deadlines::clear);

    Transaction transaction = new Transaction(snapshot, context.now());
    Set<String> services = new TreeSet<>(scope.services());
    services.remove("");
    Isolation isolation = new Isolation(transaction);
    Orchestrator orchestrator = new Orchestrator(transaction, context, deadlines);
    for (String id : services) {
      if (!isolation.run(SERVICE, id, () -> orchestrator.run(id))) {
        deadlines.clear(id); // What it asked for on its way to the fault would make passes spin.
      }
    }
    Set<String> served = new Allocator(transaction, context, isolation).run(scope, waitingServices);
    new Scheduler(transaction, context, isolation).run(served, scope.room());
    Reaper reaper = new Reaper(transaction, context);
    services.forEach(id -> isolation.run(SERVICE, id, () -> reaper.run(id)));
    isolation.run("attachments", "", reaper::runAttachments);
    Optional<Instant> next =
        Stream.of(deadlines.next(), rotateKeys(transaction, context, isolation))
            .flatMap(Optional::stream)
            .min(Instant::compareTo);
    return new PassResult(transaction.changes(), next.map(Times::timestamp), isolation.faults());
  }

  private static Optional<Instant> rotateKeys(
      Transaction transaction, Context context, Isolation isolation) {
    AtomicReference<Optional<Instant>> next = new AtomicReference<>(Optional.empty());
    isolation.run("gossip keys", "", () -> next.set(new GossipKeys(transaction, context).run()));
    return next.get();
  }
}
