package dev.hanse.control;

import dev.hanse.control.allocator.AllocatorPass;
import dev.hanse.control.keys.NetworkKeysPass;
import dev.hanse.control.orchestrator.PortHandover;
import dev.hanse.control.orchestrator.ServicePass;
import dev.hanse.control.reaper.ReaperPass;
import dev.hanse.control.scheduler.SchedulerPass;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The passes over the state, in their fixed order. All of them write into one transaction, and each
 * looks only at what the dirty keys, and what those before it have written, say may have been
 * helped or disturbed. Owned by the control loop; it remembers the deadlines of each pass, which a
 * full run finds again. What makes its part of a pass throw is skipped ({@link Isolation}) and said
 * in the result. A pass that throws as a whole is skipped too, and all are run in full soon.
 */
public final class Passes {
  /** From a pass that threw as a whole to the full run that makes up for it. */
  private static final Duration FAULT_PAUSE = Duration.ofSeconds(1);

  private final List<Part> parts;
  private Optional<Instant> retry = Optional.empty();

  private record Part(Pass pass, Deadlines deadlines) {}

  /** Is told of each pass of a run when it has run. */
  @FunctionalInterface
  public interface Observer {
    /**
     * A pass has run.
     *
     * @param pass its name
     * @param after the state as this run has made it by now
     */
    void ran(String pass, Snapshot after);
  }

  /** All that there are, anew, in their order: here a pass joins. */
  public static List<Pass> standard() {
    return List.of(
        new ServicePass(),
        new AllocatorPass(),
        new SchedulerPass(),
        new PortHandover(),
        new ReaperPass(),
        new NetworkKeysPass());
  }

  /** Remembers nothing yet: the first run should be a full one. */
  public Passes() {
    this(standard());
  }

  /** As {@link #Passes()}, with these passes in this order. */
  public Passes(List<Pass> passes) {
    this.parts = passes.stream().map(pass -> new Part(pass, new Deadlines())).toList();
  }

  /** Says what has to change so that the state becomes what it should be. */
  public PassResult run(Snapshot snapshot, Context context, DirtyKeys dirty) {
    return run(snapshot, context, dirty, (pass, after) -> {});
  }

  /** As {@link #run(Snapshot, Context, DirtyKeys)}, and tells what each pass makes of the state. */
  public PassResult run(Snapshot snapshot, Context context, DirtyKeys dirty, Observer observer) {
    Instant now = Times.instant(context.now());
    boolean repeated = retry.filter(at -> !at.isAfter(now)).isPresent();
    Scope scope = (repeated ? DirtyKeys.full() : dirty).scope(snapshot);
    if (scope.everything()) {
      retry = Optional.empty();
    }
    Transaction transaction = new Transaction(snapshot, context.now());
    Isolation isolation = new Isolation(transaction);
    for (Part part : parts) {
      if (scope.everything()) {
        part.pass().forget();
        part.deadlines().clear();
      }
      Look look = new Look(transaction, context, isolation, scope, part.deadlines());
      if (!isolation.run("pass", part.pass().name(), () -> part.pass().run(look))) {
        retry = Optional.of(now.plus(FAULT_PAUSE));
      }
      observer.ran(part.pass().name(), transaction.snapshot());
      scope = scope.plus(written(transaction));
    }
    Optional<Instant> next =
        Stream.concat(
                retry.stream(), parts.stream().flatMap(part -> part.deadlines().next().stream()))
            .min(Instant::compareTo);
    return new PassResult(transaction.changes(), next.map(Times::timestamp), isolation.faults());
  }

  /** What the passes behind have to look at because of what was written since this was asked. */
  private static Scope written(Transaction transaction) {
    DirtyKeys keys = new DirtyKeys();
    Transaction.Recent recent = transaction.recent();
    keys.add(recent.before(), transaction.snapshot(), recent.changes());
    return keys.scope(transaction.snapshot());
  }
}
