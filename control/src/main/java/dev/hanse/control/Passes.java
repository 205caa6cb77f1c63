package dev.hanse.control;

import dev.hanse.control.allocator.Allocator;
import dev.hanse.control.orchestrator.Orchestrator;
import dev.hanse.control.reaper.Reaper;
import dev.hanse.control.scheduler.Scheduler;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;

/**
 * The passes over the state, in their fixed order: orchestrator with updater, allocator, scheduler,
 * reaper. All of them write into one transaction. Only the first and the last are narrowed by the
 * dirty keys; the others look for what is still missing. Owned by the control loop; it remembers
 * the services' deadlines and nothing else, and a full pass finds those again.
 */
public final class Passes {
  private final Deadlines deadlines = new Deadlines();

  /** No deadlines yet: the first run should be a full one. */
  public Passes() {}

  /** Says what has to change so that the state becomes what it should be. */
  public PassResult run(Snapshot snapshot, Context context, DirtyKeys dirty) {
    Instant now = Times.instant(context.now());
    Set<String> services = services(snapshot, dirty, now);
    if (dirty.everything()) {
      deadlines.clear();
    }
    services.forEach(deadlines::clear);

    Transaction transaction = new Transaction(snapshot, context.now());
    Orchestrator orchestrator = new Orchestrator(transaction, context, deadlines);
    services.forEach(orchestrator::run);
    new Allocator(transaction, context).run();
    new Scheduler(transaction, context).run();
    Reaper reaper = new Reaper(transaction, context);
    services.forEach(reaper::run);
    reaper.runAttachments();
    return new PassResult(transaction.changes(), deadlines.next().map(Times::timestamp));
  }

  private Set<String> services(Snapshot snapshot, DirtyKeys dirty, Instant now) {
    Set<String> services = new TreeSet<>(dirty.services());
    services.addAll(deadlines.due(now));
    if (dirty.everything()) {
      snapshot.all(Kind.SERVICE).stream().map(Service::getId).forEach(services::add);
      snapshot.all(Kind.TASK).stream().map(Task::getServiceId).forEach(services::add);
    }
    services.remove("");
    return services;
  }
}
