package dev.hanse.control.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.control.Rejection;
import dev.hanse.control.Times;
import dev.hanse.control.command.NodeCommand;
import dev.hanse.control.command.NodeCommand.RemoveNode;
import dev.hanse.control.command.NodeCommand.UpdateNode;
import dev.hanse.control.members.Departure;
import dev.hanse.control.sim.World;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.NodeSpec;
import dev.hanse.model.RaftMemberStatus.Reachability;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a manager may cease to be one, and what it is told when it may not. */
class ManagerDepartureTest {
  private final World world = new World(3);
  private String manager = "";

  @BeforeEach
  void initialize() {
    manager = world.initialize();
    world.settle();
  }

  @Test
  void theLastManagerStays() {
    Node node = world.snapshot().find(Kind.NODE, manager).orElseThrow();
    NodeSpec demoted = node.getSpec().toBuilder().setDesiredRole(NodeRole.WORKER).build();

    assertThat(
            world
                .refuse(new UpdateNode(manager, node.getMeta().getVersion().getIndex(), demoted))
                .message())
        .isEqualTo("attempting to demote the last manager of the swarm");
    assertThat(world.refuse(new RemoveNode(manager, true)).message())
        .contains("It must be demoted to worker before removal");
    assertThat(Departure.check(world.snapshot(), manager, false).orElseThrow().message())
        .contains("Removing the last manager erases all current state of the swarm");
    assertThat(Departure.check(world.snapshot(), manager, true)).isEmpty();
  }

  @Test
  void aManagerStaysWhileTheOthersAreTooFew() {
    write(manager, Reachability.REACHABLE);
    String second = joinManager(Reachability.REACHABLE);
    String third = joinManager(Reachability.UNREACHABLE);

    assertThat(demotion(second).map(Rejection::message))
        .contains("can't remove member from the raft: this would result in a loss of quorum");
    assertThat(demotion(third)).isEmpty();
    assertThat(Departure.check(world.snapshot(), second, false).orElseThrow().message())
        .isEqualTo(
            "You are attempting to leave the swarm on a node that is participating as a manager."
                + " Removing this node leaves 1 managers out of 3. Without a Raft quorum your swarm"
                + " will be inaccessible. The only way to restore a swarm that has lost consensus"
                + " is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress"
                + " this message.");
  }

  @Test
  void aManagerThatCanBeSparedIsWarnedToo() {
    write(manager, Reachability.REACHABLE);
    joinManager(Reachability.REACHABLE);
    joinManager(Reachability.REACHABLE);

    assertThat(demotion(manager)).isEmpty();
    assertThat(Departure.check(world.snapshot(), manager, false).orElseThrow().message())
        .isEqualTo(
            "You are attempting to leave the swarm on a node that is participating as a manager."
                + " The only way to restore a swarm that has lost consensus is to reinitialize it"
                + " with `--force-new-cluster`. Use `--force` to suppress this message.");
    world.accept(new NodeCommand.ReleaseManager(manager));
    assertThat(node(manager).getSpec().getDesiredRole()).isEqualTo(NodeRole.WORKER);
  }

  private String joinManager(Reachability reachability) {
    String nodeId = world.enroll(NodeRole.MANAGER);
    write(nodeId, reachability);
    return nodeId;
  }

  private void write(String nodeId, Reachability reachability) {
    ManagerStatus status = ManagerStatus.newBuilder().setReachability(reachability).build();
    world.accept(new NodeCommand.UpdateManagerStatus(nodeId, Optional.of(status)));
  }

  private Node node(String id) {
    return world.snapshot().find(Kind.NODE, id).orElseThrow();
  }

  /** Why a node cannot be demoted; it is not demoted. */
  private Optional<Rejection> demotion(String id) {
    Transaction transaction = new Transaction(world.snapshot(), Times.timestamp(world.now()));
    return new RoleDecisions(transaction).checkDemotion(node(id));
  }
}
