package dev.hanse.docker;

import dev.hanse.cluster.ClusterAccess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How this node takes part in a swarm; implemented by the daemon. The calls block until done and
 * may come from several threads; the implementation takes them one after another.
 */
public interface SwarmLifecycle {
  /**
   * Begins a new swarm with this node as its manager.
   *
   * @return the id of this node
   * @throws SwarmRefusal {@code UNAVAILABLE} if the node is part of a swarm already, {@code
   *     INVALID} for addresses, pools and ports that cannot be used
   */
  String init(InitRequest request) throws SwarmRefusal;

  /**
   * Joins a swarm; returns when the node is part of it.
   *
   * @throws SwarmRefusal {@code UNAVAILABLE} if the node is part of a swarm already or no manager
   *     can be reached in time, {@code INVALID} for a bad address or token
   */
  void join(JoinRequest request) throws SwarmRefusal;

  /**
   * Leaves the swarm: its tasks here are stopped, its state here is removed.
   *
   * @param force leave even as a manager, and even if that loses the swarm's state
   * @throws SwarmRefusal {@code UNAVAILABLE} if the node is in no swarm, or is a manager and force
   *     is not given
   */
  void leave(boolean force) throws SwarmRefusal;

  /**
   * Opens the state of a locked manager.
   *
   * @param unlockKey {@code SWMKEY-1-…}
   * @throws SwarmRefusal {@code CONFLICT} if it is not locked, {@code UNAUTHORIZED} for a wrong
   *     key, {@code INVALID} for a malformed one
   */
  void unlock(String unlockKey) throws SwarmRefusal;

  /**
   * Brings a saved cluster back, with this node as its only manager.
   *
   * @throws SwarmRefusal {@code UNAVAILABLE} if the node is part of a swarm already, {@code
   *     INVALID} for a state or an address that cannot be used
   */
  Restored restore(RestoreRequest request) throws SwarmRefusal;

  /**
   * A cluster that was brought back.
   *
   * @param nodeId the id that this node got
   * @param formerManagers the ids of the managers that were removed
   */
  record Restored(String nodeId, List<String> formerManagers) {
    /** Copies the list. */
    public Restored {
      formerManagers = List.copyOf(formerManagers);
    }
  }

  /**
   * Tells this node where managers of its swarm may be, besides those that it knows. They must
   * prove it with a certificate of this swarm.
   *
   * @param addresses HOST:PORT each
   * @throws SwarmRefusal {@code UNAVAILABLE} if the node is in no swarm
   */
  void seekManagers(List<String> addresses) throws SwarmRefusal;

  /**
   * The machine goes down: the managers are told that this node leaves, and its tasks get their
   * stop signal and grace period. The node takes no task again until the daemon is started anew.
   *
   * @param limit returns then at the latest
   * @return how many tasks have not ended by then
   */
  int shutDown(Duration limit) throws InterruptedException;

  /** This node's part in the swarm, now. */
  LocalState state();

  /** The cluster, by the manager that runs in this daemon; empty if none does. */
  Optional<ClusterAccess> cluster();
}
