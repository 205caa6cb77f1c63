package dev.hanse.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hanse.cluster.ClusterAccess;
import dev.hanse.cluster.EngineAnswer;
import dev.hanse.cluster.Rotation;
import dev.hanse.cluster.ServiceLogs;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.docker.InitRequest;
import dev.hanse.docker.JoinRequest;
import dev.hanse.docker.LocalState;
import dev.hanse.docker.RestoreRequest;
import dev.hanse.docker.SwarmLifecycle;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.EngineCall;
import dev.hanse.model.LogSelector;
import dev.hanse.model.LogSubscriptionOptions;
import dev.hanse.model.Secret;
import dev.hanse.store.Changes;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import dev.hanse.web.HttpFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a client is told of the cluster's answers, and of a cluster that is not there. */
class ManagerGateTest {
  private static final Command COMMAND = new RemoveNode("n1", false);

  @Test
  void a_rejection_keeps_its_words_and_gets_the_status_of_the_api() {
    refused(new Rejection.Invalid("bad"), 400, "InvalidArgument", "bad");
    refused(new Rejection.NotFound("gone"), 404, "NotFound", "gone");
    refused(new Rejection.AlreadyExists("twice"), 409, "AlreadyExists", "twice");
    refused(new Rejection.FailedPrecondition("in use"), 400, "FailedPrecondition", "in use");
    refused(
        new Rejection.FailedPrecondition("update out of sequence"),
        500,
        "Unknown",
        "update out of sequence");
    refused(new Rejection.Exhausted("none left"), 500, "ResourceExhausted", "none left");
    refused(new Rejection.Unavailable("no leader"), 503, "Unavailable", "no leader");
    refused(new Rejection.PermissionDenied("not you"), 403, "PermissionDenied", "not you");
    refused(new Rejection.Unimplemented("not yet"), 501, "Unimplemented", "not yet");
  }

  @Test
  void what_a_command_made_is_known_by_its_id() throws InterruptedException {
    Secret secret = Secret.newBuilder().setId("s1").build();
    ManagerGate made = gate(new Decision.Accepted(Changes.none(), Optional.of(secret)));
    assertThat(made.create(COMMAND, Kind.SECRET, Secret.class)).isEqualTo("s1");
    assertThat(made.write(COMMAND)).contains(secret);

    ManagerGate nothing = gate(new Decision.Accepted(Changes.none(), Optional.empty()));
    HttpFailure failure = failure(() -> nothing.create(COMMAND, Kind.SECRET, Secret.class));
    assertThat(failure.status()).isEqualTo(500);
    assertThat(failure.message()).contains("made no secret");
  }

  @Test
  void a_node_that_is_no_manager_says_why() {
    without(LocalState.Status.INACTIVE, false, "docker swarm init");
    without(LocalState.Status.LOCKED, true, "needs to be unlocked");
    without(LocalState.Status.ACTIVE, false, "Worker nodes can't be used");
    without(LocalState.Status.PENDING, true, "Manager is being prepared");
  }

  private static void refused(Rejection rejection, int status, String code, String text) {
    HttpFailure failure = failure(() -> gate(new Decision.Refused(rejection)).write(COMMAND));
    assertThat(failure.status()).isEqualTo(status);
    assertThat(failure.message()).isEqualTo("rpc error: code = " + code + " desc = " + text);
  }

  private static void without(LocalState.Status status, boolean manager, String why) {
    LocalState state = new LocalState(status, "n1", "192.0.2.1", manager, "", List.of());
    ManagerGate gate = new ManagerGate(new FixedLifecycle(state, Optional.empty()));
    assertThat(gate.find()).isEmpty();
    HttpFailure failure = failure(gate::snapshot);
    assertThat(failure.status()).isEqualTo(503);
    assertThat(failure.message()).contains(why);
  }

  private static HttpFailure failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(HttpFailure.class, call);
  }

  private static ManagerGate gate(Decision decision) {
    return new ManagerGate(
        new FixedLifecycle(LocalState.inactive(), Optional.of(new DecidedCluster(decision))));
  }

  /** Decides each command alike, at once. */
  private record DecidedCluster(Decision decision) implements ClusterAccess {
    @Override
    public Snapshot snapshot() {
      return Snapshot.empty();
    }

    @Override
    public CompletableFuture<Decision> submit(Command command) {
      return CompletableFuture.completedFuture(decision);
    }

    @Override
    public CompletableFuture<Decision> updateCluster(
        long version, ClusterSpec spec, Rotation rotation) {
      return CompletableFuture.completedFuture(decision);
    }

    @Override
    public Store.Subscription subscribe(Store.Listener listener) {
      return () -> {};
    }

    @Override
    public Optional<String> leader() {
      return Optional.empty();
    }

    @Override
    public ServiceLogs logs(LogSelector selector, LogSubscriptionOptions options) {
      throw new IllegalStateException("no logs here");
    }

    @Override
    public EngineAnswer askEngine(String nodeId, EngineCall call) {
      throw new IllegalStateException("no other nodes here");
    }
  }

  /** Only tells how it stands. */
  private record FixedLifecycle(LocalState state, Optional<ClusterAccess> cluster)
      implements SwarmLifecycle {
    @Override
    public String init(InitRequest request) {
      throw new IllegalStateException("not asked here");
    }

    @Override
    public void join(JoinRequest request) {}

    @Override
    public void leave(boolean force) {}

    @Override
    public void unlock(String unlockKey) {}

    @Override
    public Restored restore(RestoreRequest request) {
      throw new IllegalStateException("not asked here");
    }

    @Override
    public void seekManagers(List<String> addresses) {}

    @Override
    public int shutDown(Duration limit) {
      return 0;
    }
  }
}
