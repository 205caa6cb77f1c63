package dev.hanse.control.orchestrator;

import dev.hanse.control.scheduler.Readiness;
import dev.hanse.model.Node;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskPlan;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The slots of modes that have one on each node that may have a task of the service. */
final class NodeSlots {
  private final Orchestrator orchestrator;
  private final Mode mode;

  NodeSlots(Orchestrator orchestrator, Mode mode) {
    this.orchestrator = orchestrator;
    this.mode = mode;
  }

  /** Stops tasks where none may be any more, and makes those that are missing. */
  void adjust(Service service) {
    Map<Slot.Key, Slot> slots = orchestrator.slots(service);
    for (Slot slot : slots.values()) {
      if (!isEligible(service, slot.key().nodeId())) {
        for (Task task : slot.wanted()) {
          orchestrator.desire(task, TaskState.SHUTDOWN);
        }
      }
    }
    for (Node node : orchestrator.transaction().snapshot().all(Kind.NODE)) {
      Slot.Key key = new Slot.Key(0, node.getId());
      Slot slot = slots.getOrDefault(key, new Slot(key, List.of()));
      if (isEligible(service, node.getId())
          && Readiness.takesNewTasks(node)
          && !mode.isFilled(orchestrator, service, slot)) {
        TaskPlan.Builder plan = TaskPlan.newBuilder().setReason(TaskPlan.Reason.INITIAL);
        orchestrator.create(service, key, orchestrator.afterAlive(plan, slot).build());
      }
    }
  }

  private boolean isEligible(Service service, String nodeId) {
    Optional<Node> node = orchestrator.nodes().find(nodeId);
    return node.map(found -> Nodes.isEligible(found, service.getSpec().getTask().getPlacement()))
            .orElse(false)
        && !orchestrator.isLost(service, nodeId);
  }
}
