package dev.hanse.docker.swarm;

import com.google.protobuf.Message;
import dev.hanse.cluster.ClusterAccess;
import dev.hanse.control.Decision;
import dev.hanse.control.command.Command;
import dev.hanse.docker.Failures;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.web.HttpFailure;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The way to the cluster, by this daemon's manager, or the answer why there is none. */
public final class ManagerGate {
  /** How long a write may take, as in Docker. */
  static final long WRITE_TIMEOUT_SECONDS = 20;

  private final SwarmLifecycle lifecycle;

  public ManagerGate(SwarmLifecycle lifecycle) {
    this.lifecycle = lifecycle;
  }

  /** The cluster, if this node is a manager and runs as one. */
  public Optional<ClusterAccess> find() {
    return lifecycle.cluster();
  }

  /**
   * The cluster.
   *
   * @throws HttpFailure 503 in Docker's words if this node is no manager
   */
  public ClusterAccess cluster() {
    return lifecycle.cluster().orElseThrow(() -> HttpFailure.unavailable(why(lifecycle.state())));
  }

  /** The committed state; throws like {@link #cluster}. */
  public Snapshot snapshot() {
    return cluster().snapshot();
  }

  private static String why(LocalState state) {
    return switch (state.status()) {
      case LOCKED ->
          "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it.";
      case INACTIVE ->
          "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";
      case PENDING, ACTIVE, ERROR ->
          state.manager()
              ? "This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster."
              : "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";
    };
  }

  /**
   * Asks for a write and waits until it is committed.
   *
   * @return the object that the command made or changed
   * @throws HttpFailure if it is refused, or not committed in time
   */
  public Optional<Message> write(Command command) throws InterruptedException {
    return await(cluster().submit(command));
  }

  /** The id of the object that a command makes; throws like {@link #write}. */
  public <T extends Message> String create(Command command, Kind<T> kind, Class<T> type)
      throws InterruptedException {
    return write(command)
        .map(result -> kind.id(type.cast(result)))
        .orElseThrow(() -> HttpFailure.internal("the command made no " + kind));
  }

  static Optional<Message> await(CompletableFuture<Decision> pending) throws InterruptedException {
    try {
      return switch (pending.get(WRITE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        case Decision.Accepted accepted -> accepted.result();
        case Decision.Refused(var rejection) -> throw Failures.of(rejection);
      };
    } catch (TimeoutException e) {
      throw HttpFailure.internal(
          "rpc error: code = DeadlineExceeded desc = context deadline exceeded");
    } catch (ExecutionException e) {
      throw Failures.of(e.getCause() == null ? e : e.getCause());
    }
  }
}
