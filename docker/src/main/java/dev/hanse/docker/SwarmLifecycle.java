package dev.hanse.docker;

import dev.hanse.manager.Manager;
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

  /** This node's part in the swarm, now. */
  LocalState state();

  /** The manager that runs in this daemon; empty on a worker and outside of a swarm. */
  Optional<Manager> manager();
}
