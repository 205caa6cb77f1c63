package dev.hanse.manager.reign;

import dev.hanse.control.Decision;
import dev.hanse.control.command.NodeCommand.UpdateManagerStatus;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.RaftMemberStatus;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes this manager's address into its node object, as soon as there is one. */
final class Announcement implements LeaderPart {
  private static final Logger logger = LoggerFactory.getLogger(Announcement.class);
  private static final long RAFT_ID = 1;

  private final LeaderScope scope;
  private final Store.Subscription subscription;

  Announcement(LeaderScope scope) {
    this.scope = scope;
    this.subscription = scope.store().subscribe(this::changed);
    announce(scope.store().snapshot());
  }

  private void changed(Snapshot before, Snapshot after, Changes changes) {
    if (before.find(Kind.NODE, scope.nodeId()).isEmpty()) {
      announce(after);
    }
  }

  private void announce(Snapshot snapshot) {
    ManagerStatus status =
        ManagerStatus.newBuilder()
            .setRaftId(RAFT_ID)
            .setAddr(scope.advertised())
            .setLeader(true)
            .setReachability(RaftMemberStatus.Reachability.REACHABLE)
            .build();
    Optional<Node> node = snapshot.find(Kind.NODE, scope.nodeId());
    if (node.isPresent() && !node.get().getManagerStatus().equals(status)) {
      var unused =
          scope
              .submit()
              .apply(new UpdateManagerStatus(scope.nodeId(), Optional.of(status)))
              .thenAccept(Announcement::warnIfRefused);
    }
  }

  private static void warnIfRefused(Decision decision) {
    if (decision instanceof Decision.Refused refused) {
      logger.warn("manager's address not stored: {}", refused.rejection().message());
    }
  }

  @Override
  public void close() {
    subscription.close();
  }
}
