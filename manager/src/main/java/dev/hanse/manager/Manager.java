package dev.hanse.manager;

import dev.hanse.calls.NodeCalls;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.gossip.GossipView;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.identity.certificate.CertificateDirectory;
import dev.hanse.identity.certificate.UnlockKey;
import dev.hanse.manager.members.MembershipException;
import dev.hanse.store.Snapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A running manager: the cluster's state, the one way to change it, and the gRPC server for the
 * nodes.
 */
public interface Manager extends ClusterAccess, AutoCloseable {
  /**
   * Makes a new cluster with this node as its manager, saves the node's identity and starts.
   *
   * @throws ManagerStartException if the request is refused, a port is taken or the disk fails;
   *     nothing is left behind
   */
  static Manager initialize(
      ManagerSettings settings, CertificateDirectory certificates, ClusterRequest request)
      throws ManagerStartException {
    return RunningManager.initialize(settings, certificates, request);
  }

  /**
   * Starts the manager of an existing cluster.
   *
   * @throws ManagerStartException if the log is damaged (file and offset are named) or a port is
   *     taken
   */
  static Manager open(ManagerSettings settings, TlsCredentials credentials)
      throws ManagerStartException {
    return open(settings, credentials, Optional.empty());
  }

  /**
   * Starts the manager of an existing cluster whose log is locked.
   *
   * @param unlockKey that its keys are wrapped with; empty if they lie open
   * @throws ManagerStartException likewise, and if the key is another one; its cause is then a
   *     {@link dev.hanse.raft.log.LogLockedException}
   */
  static Manager open(
      ManagerSettings settings, TlsCredentials credentials, Optional<UnlockKey> unlockKey)
      throws ManagerStartException {
    return RunningManager.open(settings, credentials, unlockKey);
  }

  /**
   * Starts a further manager, which gets the state from those that are there, and returns when it
   * has it. May be called again after a failure.
   *
   * @param managers "HOST:PORT" of other managers, any of which is asked
   * @throws ManagerStartException with a rejection in the leader's words if it does not take this
   *     manager in, for example since it cannot reach it; without one if nobody answers in time
   */
  static Manager join(ManagerSettings settings, TlsCredentials credentials, List<String> managers)
      throws ManagerStartException {
    return RunningManager.join(settings, credentials, managers);
  }

  /**
   * Starts this manager as the only one, with the state that is on its disk: after the loss of the
   * others. Those that come back become workers.
   *
   * @throws ManagerStartException like {@link #open}
   */
  static Manager openAlone(
      ManagerSettings settings, TlsCredentials credentials, Optional<UnlockKey> unlockKey)
      throws ManagerStartException {
    return RunningManager.openAlone(settings, credentials, unlockKey);
  }

  /**
   * The state that a manager which does not run has on its disk, committed by the others or not.
   *
   * @param nodeId the manager's
   * @param unlockKey that the log's keys are wrapped with; empty if they lie open
   * @throws IOException if there is no log or it cannot be read, a {@link
   *     dev.hanse.raft.log.LogLockedException} if it takes another key
   */
  static Snapshot saved(ManagerSettings settings, String nodeId, Optional<UnlockKey> unlockKey)
      throws IOException {
    return SavedState.read(settings, nodeId, unlockKey);
  }

  /**
   * Hands leadership to another manager. Completes when this one does not lead, at once if it did
   * not; fails if no other could take over.
   */
  CompletableFuture<Void> stepDown();

  /**
   * Has the other managers take this one out of their group, if there are others; this manager then
   * only waits to be closed.
   *
   * @throws MembershipException if they cannot spare it, or do not answer in time
   */
  void resign(Duration limit) throws MembershipException, InterruptedException;

  /**
   * Has the other managers take this one into their group again, with the log that it has; done at
   * once if it is one of them. A node may be demoted and promoted again before it has noticed.
   *
   * @param managers "HOST:PORT" of other managers, any of which is asked
   * @throws MembershipException if they do not want it, or do not answer in time
   */
  void rejoin(List<String> managers, Duration limit)
      throws MembershipException, InterruptedException;

  /** Asks any node of the cluster, whichever manager leads. */
  NodeCalls calls();

  /**
   * Takes what gossip says of the nodes, in place of what it said before: while this manager leads,
   * nodes that are dead and do not answer are down at once. Never blocks.
   */
  void reportLiveness(GossipView view);

  /** Who this node is; renewed in place. */
  TlsCredentials credentials();

  /** Where the gRPC server listens. */
  InetSocketAddress listening();

  /** "HOST:PORT" under which other nodes reach it. */
  String advertised();

  /** Stops: first the server, then the loop, then the log. */
  @Override
  void close();
}
