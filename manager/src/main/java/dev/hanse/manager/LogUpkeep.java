package dev.hanse.manager;

import dev.hanse.model.RaftConfig;
import dev.hanse.raft.log.SnapshotPolicy;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How often a manager's log is saved, and what is kept: as the cluster's specification says ({@code
 * docker swarm update --snapshot-interval --max-snapshots}). How many entries are kept beside a
 * saved state for managers that were away shortly is fixed.
 */
final class LogUpkeep {
  private LogUpkeep() {}

  /** Tells the log what the state says, now and whenever that changes, until closed. */
  static Store.Subscription follow(Store store, Consumer<SnapshotPolicy> log) {
    Store.Subscription subscription =
        store.subscribe(
            (before, after, changes) -> {
              Optional<SnapshotPolicy> wanted = policy(after);
              if (!wanted.equals(policy(before))) {
                wanted.ifPresent(log);
              }
            });
    policy(store.snapshot()).ifPresent(log);
    return subscription;
  }

  private static Optional<SnapshotPolicy> policy(Snapshot state) {
    return state.cluster().map(cluster -> policy(cluster.getSpec().getRaft()));
  }

  /** An interval of 0 is one that nobody has set. */
  static SnapshotPolicy policy(RaftConfig raft) {
    long entries = raft.getSnapshotInterval();
    // Unsigned there; the policy limits what is too much.
    return new SnapshotPolicy(
        entries == 0 ? SnapshotPolicy.DEFAULT.entries() : entries < 0 ? Long.MAX_VALUE : entries,
        (int)
            (Long.compareUnsigned(raft.getKeepOldSnapshots(), Integer.MAX_VALUE) > 0
                ? Integer.MAX_VALUE
                : raft.getKeepOldSnapshots()));
  }
}
