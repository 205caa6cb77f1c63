package dev.hanse.raft;

import dev.hanse.health.OwnerThread;
import dev.hanse.raft.peer.Peers;
import java.time.Duration;
import java.util.Collection;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;

/**
 * Looks a few times a second whether the leader still has its majority. Ratis looks only when
 * nothing else happens, so a busy leader that is cut off would go on taking entries; and it counts
 * the time in which this process stood still. Also tells who leads, and as the leader writes down
 * members' new addresses.
 */
final class LeaderWatch {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  /**
   * In lived time. Much longer than a follower waits before it stands for election: where nobody
   * else leads, to step down helps nobody, and followers of a busy machine answer late.
   */
  private static final Duration SILENCE_MAX = Duration.ofMillis(2_500);

  private final OpenLog log;
  private final RaftServer.Division division;
  private final MembershipChanges membership;
  private final Peers peers;
  private final OwnerThread thread;

  /** Since when answers are counted, in lived time: as long as it leads. */
  private long countingSince;

  private boolean leading;

  LeaderWatch(
      OpenLog log, RaftServer.Division division, MembershipChanges membership, Peers peers) {
    this.log = log;
    this.division = division;
    this.membership = membership;
    this.peers = peers;
    this.thread =
        OwnerThread.named(peers.health(), "hanse-log-watch").vital().every(INTERVAL, this::look);
  }

  void start() {
    thread.start();
  }

  void close() {
    thread.interruptAndEnd();
  }

  private void look() {
    log.look();
    watch();
  }

  private void watch() {
    boolean leads = division.getInfo().isLeader();
    if (leads && !leading) {
      countingSince = peers.clock().now();
    }
    leading = leads;
    if (!leads) {
      return;
    }
    if (log.steppingDown()) {
      membership.stepDown();
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
                                .silence(peer.getId().toString(), countingSince)
                                .compareTo(SILENCE_MAX)
                            < 0)
            .count();
    return members.isEmpty() || heard > members.size() / 2;
  }
}
