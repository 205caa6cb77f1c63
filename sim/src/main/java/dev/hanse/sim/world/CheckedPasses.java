package dev.hanse.sim.world;

import dev.hanse.control.Context;
import dev.hanse.control.DirtyKeys;
import dev.hanse.control.PassResult;
import dev.hanse.control.Passes;
import dev.hanse.model.Endpoint;
import dev.hanse.model.Service;
import dev.hanse.sim.check.States;
import dev.hanse.sim.check.Violation;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;

/** The passes of one manager; now and then each is also done in full, and must come to the same. */
final class CheckedPasses {
  private static final int CHECKED_ONE_IN = 10;

  private final World world;
  private final Passes passes = new Passes();

  CheckedPasses(World world) {
    this.world = world;
  }

  PassResult run(Snapshot snapshot, Context context, DirtyKeys dirty) {
    try {
      return checked(snapshot, context, dirty);
    } catch (RuntimeException fault) {
      throw new Violation("a pass fails: " + fault, fault);
    }
  }

  private PassResult checked(Snapshot snapshot, Context context, DirtyKeys dirty) {
    long seed = world.random().nextLong();
    boolean whole = dirty.everything();
    DirtyKeys looked = world.sabotaged(Sabotage.FORGET_CHANGES) && !whole ? new DirtyKeys() : dirty;
    Map<String, Snapshot> narrowly = new LinkedHashMap<>();
    PassResult narrowed =
        passes.run(
            snapshot,
            new Context(context.now(), new SplittableRandom(seed)),
            looked,
            narrowly::put);
    narrowed.faults().stream()
        .findFirst()
        .ifPresent(
            fault -> {
              throw new Violation("a pass skips " + fault.subject(), fault.cause());
            });
    if (!whole && Math.floorMod(seed, CHECKED_ONE_IN) == 0) {
      Context again = new Context(context.now(), new SplittableRandom(seed));
      Map<String, Snapshot> fully = new LinkedHashMap<>();
      PassResult full = new Passes().run(snapshot, again, DirtyKeys.full(), fully::put);
      if (!narrowed.changes().equals(full.changes())) {
        narrowly.forEach(
            (pass, after) ->
                States.same(
                    "the narrowed pass " + pass + " and the full one",
                    after,
                    Objects.requireNonNull(fully.get(pass))));
      }
      Violation.unless(
          narrowed.changes().equals(full.changes()),
          "a narrowed pass comes to %s, a full one to %s",
          narrowed.changes().actions(),
          full.changes().actions());
      Violation.unless(
          narrowed.nextDeadline().equals(full.nextDeadline()),
          "a narrowed pass is due again at %s, a full one at %s",
          narrowed.nextDeadline(),
          full.nextDeadline());
    }
    return world.sabotaged(Sabotage.GIVE_ADDRESS_TWICE)
        ? new PassResult(twice(snapshot, context, narrowed.changes()), narrowed.nextDeadline())
        : narrowed;
  }

  /** Gives the newest service the address of another one. */
  private static Changes twice(Snapshot snapshot, Context context, Changes changes) {
    List<Service> addressed =
        snapshot.preview(changes).all(Kind.SERVICE).stream()
            .filter(service -> service.getEndpoint().getVirtualIpsCount() > 0)
            .toList();
    if (addressed.size() < 2) {
      return changes;
    }
    Endpoint stolen = addressed.getFirst().getEndpoint();
    Optional<Service> thief =
        addressed.stream()
            .skip(1)
            .filter(service -> !service.getEndpoint().equals(stolen))
            .findFirst();
    Transaction transaction = new Transaction(snapshot.preview(changes), context.now());
    thief.ifPresent(
        service ->
            transaction.put(
                Kind.SERVICE,
                service.toBuilder()
                    .setEndpoint(
                        service.getEndpoint().toBuilder()
                            .clearVirtualIps()
                            .addAllVirtualIps(stolen.getVirtualIpsList()))
                    .build()));
    return Changes.merged(List.of(changes, transaction.changes()));
  }
}
