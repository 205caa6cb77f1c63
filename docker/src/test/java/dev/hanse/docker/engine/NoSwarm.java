package dev.hanse.docker.engine;

import dev.hanse.cluster.ClusterAccess;
import dev.hanse.docker.InitRequest;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.RestoreRequest;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.docker.SwarmRefusal;
import java.util.List;
import java.util.Optional;

/** A node that is in no swarm as far as the API can see. */
final class NoSwarm implements SwarmLifecycle {
  private static final String WHY = "This node is not part of a swarm";

  @Override
  public int shutDown(java.time.Duration limit) {
    return 0;
  }

  @Override
  public String init(InitRequest request) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, WHY);
  }

  @Override
  public void join(JoinRequest request) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, WHY);
  }

  @Override
  public void leave(boolean force) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, WHY);
  }

  @Override
  public void unlock(String unlockKey) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, WHY);
  }

  @Override
  public Restored restore(RestoreRequest request) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, WHY);
  }

  @Override
  public void seekManagers(List<String> addresses) throws SwarmRefusal {
    throw new SwarmRefusal(SwarmRefusal.Kind.UNAVAILABLE, WHY);
  }

  @Override
  public LocalState state() {
    return LocalState.inactive();
  }

  @Override
  public Optional<ClusterAccess> cluster() {
    return Optional.empty();
  }
}
