package dev.hanse.sim.raft;

import java.util.random.RandomGenerator;

/** What a member lives in. */
public interface RaftSite {
  /** Nanoseconds of virtual time. */
  long nanos();

  /** Has something done by this run of the process. */
  void after(long nanos, Runnable action);

  /** Sends a datagram; {@code arrival} is given the receiver if there is one. */
  void send(String toNodeId, java.util.function.Consumer<RaftMember> arrival);

  /** From the seed of the world. */
  RandomGenerator random();

  /** How long the disk takes to sync, this time. */
  long syncNanos();

  /** Something to remember of this run. */
  void note(String text);
}
