package dev.hanse.control.members;

import dev.hanse.control.command.NodeCommand;
import dev.hanse.control.command.NodeCommand.SetNodeRole;
import dev.hanse.control.command.NodeCommand.UpdateManagerStatus;
import dev.hanse.model.ManagerStatus;
import dev.hanse.model.Node;
import dev.hanse.model.NodeRole;
import dev.hanse.model.RaftMemberStatus.Reachability;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * From the wanted roles and the group as it is to the next steps. Pure; the leader asks after each
 * change and performs what it gets, so that a new leader goes on where the old one was stopped.
 *
 * <p>The order keeps the log safe. A promoted node first gets its role, by that a manager's
 * certificate, and asks by itself to be added. A demoted node is first taken out of the group and
 * only then loses its role: the other way round, a majority could consist of nodes that no longer
 * take part. One member at a time is taken out, and only if a majority of the rest answers.
 */
public final class MembershipPlan {
  private final Group group;
  private final List<MembershipStep> steps = new ArrayList<>();
  private boolean removing;

  private MembershipPlan(Group group) {
    this.group = group;
  }

  /** The steps, in order; empty if all is as wanted. */
  public static List<MembershipStep> next(Snapshot snapshot, Group group) {
    if (snapshot.cluster().isEmpty()) {
      return List.of(); // The first manager is about to write itself into the state.
    }
    MembershipPlan plan = new MembershipPlan(group);
    for (String nodeId : new TreeSet<>(group.addresses().keySet())) {
      if (snapshot.find(Kind.NODE, nodeId).isEmpty()) {
        plan.takeOut(nodeId);
      }
    }
    snapshot.all(Kind.NODE).forEach(plan::consider);
    return List.copyOf(plan.steps);
  }

  private void consider(Node node) {
    NodeRole wanted = node.getSpec().getDesiredRole();
    boolean member = group.has(node.getId());
    if (wanted == NodeRole.MANAGER && node.getRole() == NodeRole.WORKER) {
      write(new SetNodeRole(node.getId(), NodeRole.MANAGER));
    } else if (wanted == NodeRole.WORKER && member) {
      takeOut(node.getId());
    } else if (wanted == NodeRole.WORKER && node.getRole() == NodeRole.MANAGER) {
      write(new SetNodeRole(node.getId(), NodeRole.WORKER));
    }
    Optional<ManagerStatus> status = member ? Optional.of(status(node.getId())) : Optional.empty();
    Optional<ManagerStatus> written =
        node.hasManagerStatus() ? Optional.of(node.getManagerStatus()) : Optional.empty();
    if (!status.equals(written)) {
      write(new UpdateManagerStatus(node.getId(), status));
    }
  }

  private ManagerStatus status(String nodeId) {
    return ManagerStatus.newBuilder()
        .setRaftId(RaftIds.of(nodeId))
        .setAddr(group.addresses().getOrDefault(nodeId, ""))
        .setLeader(nodeId.equals(group.self()))
        .setReachability(group.reaches(nodeId) ? Reachability.REACHABLE : Reachability.UNREACHABLE)
        .build();
  }

  private void takeOut(String nodeId) {
    if (removing) {
      return;
    }
    if (!group.survivesWithout(nodeId)) {
      steps.add(
          new MembershipStep.Wait(
              nodeId,
              "too few of the other managers answer: this would result in a loss of quorum"));
      return;
    }
    removing = true;
    steps.add(
        nodeId.equals(group.self())
            ? new MembershipStep.StepDown()
            : new MembershipStep.Remove(nodeId));
  }

  private void write(NodeCommand command) {
    steps.add(new MembershipStep.Write(command));
  }
}
