package dev.hanse.control.members;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.command.NodeCommand;
import dev.hanse.control.command.NodeCommand.RemainAlone;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.NodeCommand.SetNodeRole;
import dev.hanse.control.command.NodeCommand.UpdateManagerStatus;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.members.MembershipStep.Remove;
import dev.hanse.control.members.MembershipStep.StepDown;
import dev.hanse.control.members.MembershipStep.Wait;
import dev.hanse.control.members.MembershipStep.Write;
import dev.hanse.control.sim.World;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RaftMemberStatus.Reachability;
import dev.hanse.store.Kind;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How nodes become managers and cease to be, step by step. */
class MembershipPlanTest {
  private static final int ROUNDS_MAX = 20;

  private final World world = new World(7);
  private final Map<String, String> members = new LinkedHashMap<>();
  private final Set<String> silent = new HashSet<>();
  private String leader = "";

  @BeforeEach
  void oneManager() {
    leader = world.initialize();
    members.put(leader, "192.0.2.1:2377");
    settle();
  }

  private List<MembershipStep> plan() {
    Set<String> reachable = new HashSet<>(members.keySet());
    reachable.removeAll(silent);
    return MembershipPlan.next(world.snapshot(), new Group(leader, members, reachable));
  }

  /** Performs the steps until there is nothing to do, as the leader would. */
  private void settle() {
    for (int round = 0; round < ROUNDS_MAX; round++) {
      List<MembershipStep> steps = plan();
      if (steps.stream().allMatch(Wait.class::isInstance)) {
        return;
      }
      steps.forEach(this::perform);
    }
    throw new AssertionError("never settled: " + plan());
  }

  private void perform(MembershipStep step) {
    switch (step) {
      case Write(NodeCommand command) -> world.accept(command);
      case Remove(String nodeId) -> members.remove(nodeId);
      case StepDown() ->
          leader =
              members.keySet().stream()
                  .filter(id -> !id.equals(leader) && !silent.contains(id))
                  .findFirst()
                  .orElseThrow();
      case Wait wait -> assertThat(wait.reason()).contains("loss of quorum");
    }
  }

  private String joinManager() {
    String nodeId = world.enroll(NodeRole.MANAGER);
    members.put(nodeId, "192.0.2." + (members.size() + 1) + ":2377");
    settle();
    return nodeId;
  }

  private Node node(String id) {
    return world.snapshot().find(Kind.NODE, id).orElseThrow();
  }

  private void desire(String id, NodeRole role) {
    NodeSpec spec = node(id).getSpec().toBuilder().setDesiredRole(role).build();
    world.accept(new UpdateNode(id, node(id).getMeta().getVersion().getIndex(), spec));
  }

  @Test
  void the_first_manager_is_shown_as_leader() {
    ManagerStatus status = node(leader).getManagerStatus();
    assertThat(status.getAddr()).isEqualTo("192.0.2.1:2377");
    assertThat(status.getLeader()).isTrue();
    assertThat(status.getReachability()).isEqualTo(Reachability.REACHABLE);
    assertThat(status.getRaftId()).isPositive();
    assertThat(plan()).isEmpty();
  }

  @Test
  void a_promoted_node_gets_its_role_before_it_is_a_member() {
    String worker = world.join();
    desire(worker, NodeRole.MANAGER);
    assertThat(plan()).containsExactly(new Write(new SetNodeRole(worker, NodeRole.MANAGER)));
    settle();
    assertThat(node(worker).getRole()).isEqualTo(NodeRole.MANAGER);
    assertThat(node(worker).hasManagerStatus()).isFalse();
  }

  @Test
  void a_demoted_node_is_taken_out_before_it_loses_its_role() {
    String second = joinManager();
    joinManager();
    desire(second, NodeRole.WORKER);
    assertThat(plan()).containsExactly(new Remove(second));
    plan().forEach(this::perform);
    assertThat(plan().getFirst()).isEqualTo(new Write(new SetNodeRole(second, NodeRole.WORKER)));
    settle();
    assertThat(node(second).getRole()).isEqualTo(NodeRole.WORKER);
    assertThat(node(second).hasManagerStatus()).isFalse();
  }

  @Test
  void a_demoted_leader_lets_another_one_take_it_out() {
    String first = leader;
    String second = joinManager();
    desire(first, NodeRole.WORKER);
    assertThat(plan()).containsExactly(new StepDown());
    settle();
    assertThat(leader).isEqualTo(second);
    assertThat(members).containsOnlyKeys(second);
    assertThat(node(first).getRole()).isEqualTo(NodeRole.WORKER);
    assertThat(node(second).getManagerStatus().getLeader()).isTrue();
  }

  @Test
  void a_member_stays_while_its_removal_would_lose_the_quorum() {
    String second = joinManager();
    String third = joinManager();
    desire(second, NodeRole.WORKER);
    silent.add(third);
    assertThat(plan()).hasAtLeastOneElementOfType(Wait.class).doesNotContain(new Remove(second));
    silent.remove(third);
    settle();
    assertThat(members).containsOnlyKeys(leader, third);
  }

  @Test
  void the_silent_one_of_three_can_be_taken_out() {
    joinManager();
    String third = joinManager();
    silent.add(third);
    settle();
    assertThat(node(third).getManagerStatus().getReachability())
        .isEqualTo(Reachability.UNREACHABLE);
    desire(third, NodeRole.WORKER);
    settle();
    assertThat(members).hasSize(2).doesNotContainKey(third);
  }

  @Test
  void only_one_member_at_a_time_is_taken_out() {
    String second = joinManager();
    String third = joinManager();
    desire(second, NodeRole.WORKER);
    desire(third, NodeRole.WORKER);
    assertThat(plan()).filteredOn(Remove.class::isInstance).hasSize(1);
    settle();
    assertThat(members).containsOnlyKeys(leader);
  }

  @Test
  void a_member_whose_node_was_removed_is_taken_out() {
    String second = joinManager();
    desire(second, NodeRole.WORKER);
    world.accept(new RemoveNode(second, true));
    settle();
    assertThat(members).containsOnlyKeys(leader);
  }

  @Test
  void a_member_that_was_demoted_while_it_joined_is_taken_out() {
    String worker = world.join();
    members.put(worker, "192.0.2.9:2377");
    settle();
    assertThat(members).containsOnlyKeys(leader);
    assertThat(node(worker).hasManagerStatus()).isFalse();
  }

  @Test
  void a_role_that_is_no_longer_desired_is_not_set() {
    String worker = world.join();
    world.accept(new SetNodeRole(worker, NodeRole.MANAGER));
    assertThat(node(worker).getRole()).isEqualTo(NodeRole.WORKER);
  }

  @Test
  void a_survivor_makes_workers_of_all_other_managers() {
    String second = joinManager();
    String third = joinManager();
    world.accept(new RemainAlone(leader));
    members.keySet().retainAll(Set.of(leader));
    assertThat(plan()).isEmpty();
    for (String id : List.of(second, third)) {
      assertThat(node(id).getRole()).isEqualTo(NodeRole.WORKER);
      assertThat(node(id).getSpec().getDesiredRole()).isEqualTo(NodeRole.WORKER);
      assertThat(node(id).hasManagerStatus()).isFalse();
    }
    assertThat(node(leader).getRole()).isEqualTo(NodeRole.MANAGER);
  }

  @Test
  void an_address_that_has_changed_is_written() {
    members.put(leader, "192.0.2.77:2377");
    assertThat(plan())
        .singleElement()
        .isInstanceOfSatisfying(
            Write.class,
            write ->
                assertThat(write.command())
                    .isInstanceOfSatisfying(
                        UpdateManagerStatus.class,
                        update ->
                            assertThat(update.status().map(ManagerStatus::getAddr))
                                .isEqualTo(Optional.of("192.0.2.77:2377"))));
  }
}
