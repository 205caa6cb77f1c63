package dev.hanse.manager.members;

import static dev.hanse.manager.TestGroup.LIMIT_SECONDS;
import static dev.hanse.manager.TestGroup.await;
import static dev.hanse.manager.TestGroup.freePort;
import static dev.hanse.manager.TestGroup.id;
import static dev.hanse.manager.TestGroup.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import dev.hanse.control.command.NodeCommand.RenewCertificate;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.identity.TlsCredentials;
import dev.hanse.manager.ClusterRequest;
import dev.hanse.manager.Manager;
import dev.hanse.manager.ManagerStartException;
import dev.hanse.manager.Rejections;
import dev.hanse.manager.TestGroup;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RaftMemberStatus.Reachability;
import dev.hanse.store.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real managers, several in this process, on the real log and the real port. */
class ManagerGroupTest {
  @TempDir private Path directory;
  private TestGroup group;

  @BeforeEach
  void begin() {
    group = new TestGroup(directory);
  }

  @AfterEach
  void stop() {
    group.close();
  }

  private Manager first() throws Exception {
    return group.found("one", ClusterRequest.defaults());
  }

  private static void desire(Manager leader, Manager manager, NodeRole role) throws Exception {
    desire(leader, id(manager), role);
  }

  private static void desire(Manager leader, String nodeId, NodeRole role) throws Exception {
    change(leader, nodeId, spec -> spec.setDesiredRole(role));
  }

  private static void change(Manager asked, String nodeId, UnaryOperator<NodeSpec.Builder> change)
      throws Exception {
    Node node = asked.snapshot().find(Kind.NODE, nodeId).orElseThrow();
    NodeSpec spec = change.apply(node.getSpec().toBuilder()).build();
    UpdateNode update = new UpdateNode(node.getId(), node.getMeta().getVersion().getIndex(), spec);
    Decision decision = asked.submit(update).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (decision instanceof Decision.Refused(Rejection refusal)
        && refusal.message().equals("update out of sequence")) {
      change(asked, nodeId, change); // The leader has written something of the node meanwhile.
    } else {
      Rejections.require(decision);
    }
  }

  @Test
  void three_managers_have_one_state_and_one_leader() throws Exception {
    Manager one = first();
    Manager two = group.join("two");
    Manager three = group.join("three");
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
    Manager two = group.join("two");
    Manager three = group.join("three");
    group.stop(one);
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
    Manager two = group.join("two");
    desire(one, one, NodeRole.WORKER);
    await(two, state -> node(state, one).getRole() == NodeRole.WORKER);
    await(two, state -> !node(state, one).hasManagerStatus());
    assertThat(two.leader()).contains(id(two));
  }

  @Test
  void a_manager_that_cannot_be_called_back_is_not_taken_in() throws Exception {
    Manager one = first();
    TlsCredentials credentials = group.enroll("two");
    int nobody = freePort();
    assertThatThrownBy(
            () ->
                Manager.join(
                    group.settings("two", freePort(), "127.0.0.1:" + nobody),
                    credentials,
                    List.of(one.advertised())))
        .isInstanceOfSatisfying(
            ManagerStartException.class, refused -> assertThat(refused.rejection()).isPresent())
        .hasMessageContaining(
            "could not connect to prospective new cluster member using its advertised address");
    assertThatThrownBy(
            () ->
                Manager.join(
                    group.settings("two", freePort(), one.advertised()),
                    credentials,
                    List.of(one.advertised())))
        .hasMessageContaining("leads to node " + id(one));
    assertThat(one.leader()).contains(id(one));
  }

  @Test
  void a_node_that_is_to_get_a_workers_certificate_is_not_taken_in() throws Exception {
    Manager one = first();
    TlsCredentials credentials = group.enroll("two");
    String two = credentials.identity().nodeId();
    desire(one, two, NodeRole.WORKER);
    await(one, state -> state.find(Kind.NODE, two).orElseThrow().getRole() == NodeRole.WORKER);
    Rejections.require(
        one.submit(new RenewCertificate(two, ByteString.copyFromUtf8("a request of the worker")))
            .get(LIMIT_SECONDS, TimeUnit.SECONDS));
    desire(one, two, NodeRole.MANAGER);
    await(one, state -> state.find(Kind.NODE, two).orElseThrow().getRole() == NodeRole.MANAGER);
    assertThatThrownBy(
            () -> Manager.join(group.settings("two"), credentials, List.of(one.advertised())))
        .isInstanceOfSatisfying(
            ManagerStartException.class, refused -> assertThat(refused.rejection()).isPresent())
        .hasMessageContaining("is not a manager of this swarm");
  }

  @Test
  void a_manager_that_is_demoted_and_promoted_at_once_is_taken_in_again() throws Exception {
    Manager one = first();
    Manager two = group.join("two");
    Manager three = group.join("three");
    for (int round = 1; round <= 2; round++) {
      desire(one, three, NodeRole.WORKER);
      await(one, state -> !node(state, three).hasManagerStatus());
      desire(one, three, NodeRole.MANAGER);
      await(one, state -> node(state, three).getRole() == NodeRole.MANAGER);
      rejoin(three, List.of(one.advertised(), two.advertised()));
      await(three, state -> node(state, three).hasManagerStatus());
    }
    desire(one, three, NodeRole.WORKER);
    await(one, state -> !node(state, three).hasManagerStatus());
    group.stop(three);
    desire(one, three, NodeRole.MANAGER);
    await(one, state -> node(state, three).getRole() == NodeRole.MANAGER);
    Manager again = group.add(Manager.open(group.settings("three"), three.credentials()));
    rejoin(again, List.of(one.advertised(), two.advertised()));
    // It counts: with one of the others away, it makes the majority.
    await(again, state -> node(state, three).hasManagerStatus());
    group.stop(two);
    change(again, id(two), spec -> spec.setAvailability(NodeSpec.Availability.PAUSE));
  }

  /** Its log knows of one manager alone, which it is not. */
  @Test
  void one_of_two_that_was_demoted_starts_again_to_be_told_so() throws Exception {
    Manager one = first();
    Manager two = group.join("two");
    desire(one, two, NodeRole.WORKER);
    await(one, state -> !node(state, two).hasManagerStatus());
    group.stop(two);
    Manager again = group.add(Manager.open(group.settings("two"), two.credentials()));
    assertThat(again.leader()).isNotEqualTo(Optional.of(id(two)));
    assertThat(one.leader()).contains(id(one));
  }

  /** As its node does when it knows of no leader: until the leader can reach it. */
  private static void rejoin(Manager manager, List<String> others) throws Exception {
    manager.rejoin(others, Duration.ofSeconds(LIMIT_SECONDS));
    manager.rejoin(others, Duration.ofSeconds(LIMIT_SECONDS)); // Done at once.
  }

  @Test
  void a_manager_that_resigns_is_counted_on_no_more() throws Exception {
    Manager one = first();
    Manager two = group.join("two");
    Manager three = group.join("three");
    three.resign(Duration.ofSeconds(LIMIT_SECONDS));
    assertThat(node(one.snapshot(), three).hasManagerStatus()).isFalse();
    assertThat(node(one.snapshot(), three).getRole()).isEqualTo(NodeRole.WORKER);
    group.stop(three);
    assertThat(one.leader()).contains(id(one));
    assertThat(node(two.snapshot(), two).hasManagerStatus()).isTrue();
  }

  @Test
  void the_only_survivor_begins_anew_and_makes_workers_of_the_others() throws Exception {
    Manager one = first();
    Manager two = group.join("two");
    List.of(two, one).forEach(group::stop);
    Manager alone =
        group.add(Manager.openAlone(group.settings("one"), one.credentials(), Optional.empty()));
    assertThat(alone.leader()).contains(id(one));
    assertThat(node(alone.snapshot(), two).getRole()).isEqualTo(NodeRole.WORKER);
    assertThat(node(alone.snapshot(), two).hasManagerStatus()).isFalse();
    await(alone, state -> node(state, one).getManagerStatus().getAddr().equals(alone.advertised()));
  }
}
