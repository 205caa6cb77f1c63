package dev.hanse.manager;

import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.gossip.GossipView;
import dev.hanse.identity.CertificateDirectory;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.log.ServiceLogs;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A running manager: the cluster's state, the one way to change it, and the gRPC server for the
 * nodes.
 */
public interface Manager extends AutoCloseable {
  /** What is to be replaced by new secrets with {@link #updateCluster}. */
  record Rotation(boolean workerToken, boolean managerToken, boolean unlockKey) {
    /** Nothing. */
    public static final Rotation NONE = new Rotation(false, false, false);
  }

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
    return RunningManager.open(settings, credentials);
  }

  /** The committed state, now. */
  Snapshot snapshot();

  /**
   * Asks for a write. The future completes with the decision when it is committed and visible in
   * {@link #snapshot}, or refused; never exceptionally. It may complete on a thread that must not
   * be blocked.
   */
  CompletableFuture<Decision> submit(Command command);

  /** Replaces the cluster's specification, and tokens or key if asked for. */
  CompletableFuture<Decision> updateCluster(long version, ClusterSpec spec, Rotation rotation);

  /** Tells of each committed change until closed; see {@link Store.Listener}. */
  Store.Subscription subscribe(Store.Listener listener);

  /** The node id of the leader that this manager knows of; empty while there is none. */
  Optional<String> leader();

  /**
   * Hands leadership to another manager. Completes when this one does not lead, at once if it did
   * not; fails if no other could take over.
   */
  CompletableFuture<Void> stepDown();

  /** Gathers the logs of services, tasks or nodes. */
  ServiceLogs logs(LogSelector selector, LogSubscriptionOptions options);

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
