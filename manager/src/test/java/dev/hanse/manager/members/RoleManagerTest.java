package dev.hanse.manager.members;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.ClusterCommand.FirstManager;
import dev.hanse.control.command.ClusterCommand.InitializeCluster;
import dev.hanse.control.command.Command;
import dev.hanse.control.command.NodeCommand.EnrollNode;
import dev.hanse.control.command.NodeCommand.ReleaseManager;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.health.Health;
import dev.hanse.manager.Rejections;
import dev.hanse.model.Certificate;
import dev.hanse.model.ClusterSpec;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RootCA;
import dev.hanse.raft.log.Member;
import dev.hanse.raft.peer.PeerTransport;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Store;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That the leader's steps are performed, again after a failure, and by whoever leads. */
class RoleManagerTest {
  private static final String FIRST = "firstmanager0000000000000";

  private final FakeGroup group = new FakeGroup();
  private final Contacts contacts = new Contacts(PeerTransport.NONE);
  private Optional<RoleManager> running = Optional.empty();

  @BeforeEach
  void cluster() {
    group.lead(new Member(FIRST, "192.0.2.1:2377"));
    accept(
        new InitializeCluster(
            "cluster",
            ClusterSpec.getDefaultInstance(),
            RootCA.getDefaultInstance(),
            List.of(),
            0,
            0,
            new FirstManager(
                FIRST, Certificate.getDefaultInstance(), NodeSpec.Availability.ACTIVE)));
    lead(FIRST);
  }

  @AfterEach
  void stop() {
    running.ifPresent(RoleManager::close);
  }

  /** Another term begins. */
  private void lead(String nodeId) {
    stop();
    running =
        Optional.of(
            new RoleManager(new Health(), group.store, group::submit, group, nodeId, contacts));
  }

  private Decision.Accepted accept(Command command) {
    return Rejections.require(group.submit(command).join());
  }

  private String join(NodeRole role) {
    Decision.Accepted accepted =
        accept(new EnrollNode(role, ByteString.copyFromUtf8("csr"), NodeSpec.Availability.ACTIVE));
    String id = ((Node) accepted.result().orElseThrow()).getId();
    if (role == NodeRole.MANAGER) {
      group.addMember(new Member(id, "192.0.2.2:2377")).join();
      running.orElseThrow().look();
      await(snapshot -> node(snapshot, id).hasManagerStatus());
    }
    return id;
  }

  /** Anew when the role manager has written the node meanwhile, as clients do. */
  private void desire(String id, NodeRole role) {
    Decision decision;
    do {
      Node node = node(group.store.snapshot(), id);
      NodeSpec spec = node.getSpec().toBuilder().setDesiredRole(role).build();
      decision =
          group.submit(new UpdateNode(id, node.getMeta().getVersion().getIndex(), spec)).join();
    } while (decision instanceof Decision.Refused refused
        && refused.rejection() instanceof Rejection.FailedPrecondition);
    Rejections.require(decision);
  }

  private static Node node(Snapshot snapshot, String id) {
    return snapshot.find(Kind.NODE, id).orElseThrow();
  }

  private void await(Predicate<Snapshot> wanted) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    try (Store.Subscription subscription =
        group.store.subscribe(
            (before, after, changes) -> {
              if (wanted.test(after)) {
                seen.complete(null);
              }
            })) {
      if (!wanted.test(group.store.snapshot())) {
        seen.orTimeout(20, TimeUnit.SECONDS).join();
      }
    }
  }

  private void awaitRole(String id, NodeRole role) {
    await(snapshot -> node(snapshot, id).getRole() == role);
  }

  @Test
  void a_change_of_the_wanted_role_is_followed() {
    String worker = join(NodeRole.WORKER);
    desire(worker, NodeRole.MANAGER);
    awaitRole(worker, NodeRole.MANAGER);
    desire(worker, NodeRole.WORKER);
    awaitRole(worker, NodeRole.WORKER);
    assertThat(group.members()).hasSize(1);
  }

  @Test
  void a_removal_that_failed_is_tried_again_before_the_role_is_taken() {
    String second = join(NodeRole.MANAGER);
    group.failNext(1);
    accept(new ReleaseManager(second));
    awaitRole(second, NodeRole.WORKER);
    assertThat(group.members()).extracting(Member::nodeId).containsExactly(FIRST);
    assertThat(group.history.indexOf("remove"))
        .isLessThan(group.history.lastIndexOf("SetNodeRole"));
  }

  @Test
  void a_demoted_leader_hands_over_and_its_successor_finishes() {
    String second = join(NodeRole.MANAGER);
    desire(FIRST, NodeRole.WORKER);
    assertThat(group.successor.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(second);
    lead(second);
    awaitRole(FIRST, NodeRole.WORKER);
    await(snapshot -> node(snapshot, second).getManagerStatus().getLeader());
    assertThat(group.members()).extracting(Member::nodeId).containsExactly(second);
  }

  @Test
  void what_a_leader_left_half_done_its_successor_finds_in_the_state() {
    String second = join(NodeRole.MANAGER);
    running.orElseThrow().close();
    desire(second, NodeRole.WORKER);
    group.removeMember(second).join();
    lead(FIRST);
    awaitRole(second, NodeRole.WORKER);
    await(snapshot -> !node(snapshot, second).hasManagerStatus());
  }
}
