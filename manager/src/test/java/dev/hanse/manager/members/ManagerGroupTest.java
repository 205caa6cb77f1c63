package dev.hanse.manager.members;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.identity.CertificateDirectory;
import dev.hanse.identity.Enrollment;
import dev.hanse.identity.IdentityException;
import dev.hanse.identity.JoinToken;
import dev.hanse.identity.NodeIdentity;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.ClusterRequest;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerSettings;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.Rejections;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RaftMemberStatus.Reachability;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real managers, several in this process, on the real log and the real port. */
class ManagerGroupTest {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final int LIMIT_SECONDS = 60;
  private static final int ATTEMPTS_MAX = 5;

  @TempDir private Path directory;
  private final List<Manager> running = new ArrayList<>();

  @AfterEach
  void stop() {
    running.forEach(Manager::close);
  }

  private ManagerSettings settings(String name, int port, String advertise) {
    return new ManagerSettings(
        directory.resolve(name).resolve("raft"),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        advertise,
        CLOCK);
  }

  private ManagerSettings settings(String name) throws IOException {
    int port = freePort();
    return settings(name, port, "127.0.0.1:" + port);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private CertificateDirectory certificates(String name) {
    return new CertificateDirectory(directory.resolve(name).resolve("certificates"));
  }

  private Manager first() throws Exception {
    Manager manager =
        Manager.initialize(settings("one"), certificates("one"), ClusterRequest.defaults());
    running.add(manager);
    return manager;
  }

  private TlsCredentials enroll(String name, Manager through) throws Exception {
    String token =
        through.snapshot().cluster().orElseThrow().getRootCa().getJoinTokens().getManager();
    NodeIdentity identity = enroll(through.advertised(), JoinToken.parse(token));
    certificates(name).save(identity);
    return new TlsCredentials(identity, certificates(name), CLOCK);
  }

  /** Several managers start in one process: the first handshakes of a busy machine take long. */
  private static NodeIdentity enroll(String address, JoinToken token) throws Exception {
    for (int attempt = 1; true; attempt++) {
      try {
        return new Enrollment(CLOCK).join(address, token, NodeSpec.Availability.ACTIVE);
      } catch (IdentityException e) {
        if (e.reason() != IdentityException.Reason.UNREACHABLE || attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  private Manager join(String name, Manager through) throws Exception {
    Manager manager =
        Manager.join(settings(name), enroll(name, through), List.of(through.advertised()));
    running.add(manager);
    return manager;
  }

  private static String id(Manager manager) {
    return manager.credentials().identity().nodeId();
  }

  private static Node node(Snapshot snapshot, Manager manager) {
    return snapshot.find(Kind.NODE, id(manager)).orElseThrow();
  }

  private static void await(Manager seen, Predicate<Snapshot> wanted) {
    CompletableFuture<Void> met = new CompletableFuture<>();
    try (Store.Subscription subscription =
        seen.subscribe(
            (before, after, changes) -> {
              if (wanted.test(after)) {
                met.complete(null);
              }
            })) {
      if (!wanted.test(seen.snapshot())) {
        met.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
      }
    }
  }

  private void close(Manager manager) {
    running.remove(manager);
    manager.close();
  }

  private static void desire(Manager leader, Manager manager, NodeRole role) throws Exception {
    Node node = node(leader.snapshot(), manager);
    NodeSpec spec = node.getSpec().toBuilder().setDesiredRole(role).build();
    Rejections.require(
        leader
            .submit(new UpdateNode(node.getId(), node.getMeta().getVersion().getIndex(), spec))
            .get(LIMIT_SECONDS, TimeUnit.SECONDS));
  }

  @Test
  void three_managers_have_one_state_and_one_leader() throws Exception {
    Manager one = first();
    Manager two = join("two", one);
    Manager three = join("three", one);
    for (Manager manager : List.of(one, two, three)) {
      await(
          manager,
          state ->
              state.all(Kind.NODE).stream()
                      .filter(
                          node ->
                              node.getManagerStatus().getReachability() == Reachability.REACHABLE)
                      .count()
                  == 3);
      assertThat(manager.leader()).contains(id(one));
      assertThat(node(manager.snapshot(), one).getManagerStatus().getLeader()).isTrue();
      assertThat(node(manager.snapshot(), two).getManagerStatus().getAddr())
          .isEqualTo(two.advertised());
    }
  }

  @Test
  void after_the_leader_another_one_writes_that_it_is_unreachable() throws Exception {
    Manager one = first();
    Manager two = join("two", one);
    Manager three = join("three", one);
    close(one);
    await(
        two,
        state ->
            node(state, one).getManagerStatus().getReachability() == Reachability.UNREACHABLE
                && (node(state, two).getManagerStatus().getLeader()
                    || node(state, three).getManagerStatus().getLeader()));
    assertThat(node(two.snapshot(), one).getManagerStatus().getLeader()).isFalse();
  }

  @Test
  void a_demoted_leader_is_taken_out_by_its_successor() throws Exception {
    Manager one = first();
    Manager two = join("two", one);
    desire(one, one, NodeRole.WORKER);
    await(two, state -> node(state, one).getRole() == NodeRole.WORKER);
    await(two, state -> !node(state, one).hasManagerStatus());
    assertThat(two.leader()).contains(id(two));
  }

  @Test
  void a_manager_that_cannot_be_called_back_is_not_taken_in() throws Exception {
    Manager one = first();
    TlsCredentials credentials = enroll("two", one);
    int nobody = freePort();
    assertThatThrownBy(
            () ->
                Manager.join(
                    settings("two", freePort(), "127.0.0.1:" + nobody),
                    credentials,
                    List.of(one.advertised())))
        .isInstanceOfSatisfying(
            ManagerStartException.class, refused -> assertThat(refused.rejection()).isPresent())
        .hasMessageContaining(
            "could not connect to prospective new cluster member using its advertised address");
    assertThatThrownBy(
            () ->
                Manager.join(
                    settings("two", freePort(), one.advertised()),
                    credentials,
                    List.of(one.advertised())))
        .hasMessageContaining("leads to node " + id(one));
    assertThat(one.leader()).contains(id(one));
  }

  @Test
  void a_manager_that_resigns_is_counted_on_no_more() throws Exception {
    Manager one = first();
    Manager two = join("two", one);
    Manager three = join("three", one);
    three.resign(Duration.ofSeconds(LIMIT_SECONDS));
    assertThat(node(one.snapshot(), three).hasManagerStatus()).isFalse();
    assertThat(node(one.snapshot(), three).getRole()).isEqualTo(NodeRole.WORKER);
    close(three);
    assertThat(one.leader()).contains(id(one));
    assertThat(node(two.snapshot(), two).hasManagerStatus()).isTrue();
  }

  @Test
  void the_only_survivor_begins_anew_and_makes_workers_of_the_others() throws Exception {
    Manager one = first();
    Manager two = join("two", one);
    List.of(two, one).forEach(this::close);
    Manager alone = Manager.openAlone(settings("one"), one.credentials(), Optional.empty());
    running.add(alone);
    assertThat(alone.leader()).contains(id(one));
    assertThat(node(alone.snapshot(), two).getRole()).isEqualTo(NodeRole.WORKER);
    assertThat(node(alone.snapshot(), two).hasManagerStatus()).isFalse();
    await(alone, state -> node(state, one).getManagerStatus().getAddr().equals(alone.advertised()));
  }
}
