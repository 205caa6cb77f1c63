package dev.hanse.raft;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;

/**
 * Looks a few times a second whether the leader still has its majority. Ratis looks only when
 * nothing else happens, so a busy leader that is cut off would go on taking entries. Also tells who
 * leads, and as the leader writes down members' new addresses.
 */
final class LeaderWatch {
  private static final Duration INTERVAL = Duration.ofMillis(200);

  /** Longer than a follower waits before it stands for election, so the others have had to wait. */
  private static final Duration SILENCE_MAX = Duration.ofMillis(1_400);

  /** When this process was stopped for so long, silence says nothing of the others. */
  private static final Duration LATE = Duration.ofMillis(150);

  private final OpenLog log;
  private final RaftServer.Division division;
  private final Membership membership;
  private final Peers peers;
  private final Thread thread;

  /** Since when answers are counted: as long as it leads, and after a pause of the process anew. */
  private long countingSinceNanos;

  private boolean leading;

  LeaderWatch(OpenLog log, RaftServer.Division division, Membership membership, Peers peers) {
    this.log = log;
    this.division = division;
    this.membership = membership;
    this.peers = peers;
    this.thread = Thread.ofVirtual().name("hanse-log-watch").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void close() {
    thread.interrupt();
  }

  private void run() {
    long before = System.nanoTime();
    while (true) {
      try {
        TimeUnit.NANOSECONDS.sleep(INTERVAL.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return; // Closed.
      }
      long now = System.nanoTime();
      boolean late = now - before > INTERVAL.plus(LATE).toNanos();
      before = now;
      log.look();
      watch(now, late);
    }
  }

  private void watch(long now, boolean late) {
    boolean leads = division.getInfo().isLeader();
    if (leads && (!leading || late)) {
      countingSinceNanos = now;
    }
    leading = leads;
    if (!leads) {
      return;
    }
    var group = division.getRaftConf();
    if (!majority(group.getCurrentPeers()) || !majority(group.getPreviousPeers())) {
      leading = false;
      log.stepDown("too few managers answer; a majority is needed");
    } else if (log.leads()) {
      membership.correctAddresses();
    }
  }

  private boolean majority(Collection<RaftPeer> members) {
    RaftPeer self = division.getPeer();
    long heard =
        members.stream()
            .filter(
                peer ->
                    peer.getId().equals(self.getId())
                        || peers
                                .silence(peer.getId().toString(), countingSinceNanos)
                                .compareTo(SILENCE_MAX)
                            < 0)
            .count();
    return members.isEmpty() || heard > members.size() / 2;
  }
}
