package dev.hanse.control.scheduler;

import dev.hanse.control.Context;
import dev.hanse.control.Tasks;
import dev.hanse.control.Times;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.Node;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import dev.hanse.store.Kind;
import dev.hanse.store.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Assigns waiting tasks to nodes. Equal tasks are placed as a group: the nodes are judged once for
 * all of them. Tasks that came with a node (of global services, and attachments) are only judged.
 */
public final class Scheduler {
  private final Transaction transaction;
  private final Context context;

  private record Group(String serviceId, TaskSpec spec, EndpointSpec endpoint) {}

  /** For one pass. */
  public Scheduler(Transaction transaction, Context context) {
    this.transaction = transaction;
    this.context = context;
  }

  /** Tries to place every task that waits for a node. */
  public void run() {
    List<Task> preassigned = new ArrayList<>();
    Map<Group, List<Task>> groups = new LinkedHashMap<>();
    List<Task> waiting = new ArrayList<>(transaction.snapshot().tasksWaiting());
    waiting.sort(Tasks.BY_AGE);
    for (Task task : waiting) {
      if (task.getStatus().getState() != TaskState.PENDING || !Tasks.isWanted(task)) {
        continue;
      }
      if (task.getNodeId().isEmpty()) {
        Group group = new Group(task.getServiceId(), task.getSpec(), task.getEndpoint().getSpec());
        groups.computeIfAbsent(group, key -> new ArrayList<>()).add(task);
      } else {
        preassigned.add(task);
      }
    }
    if (preassigned.isEmpty() && groups.isEmpty()) {
      return;
    }
    Map<String, NodeLoad> nodes = loads();
    preassigned.forEach(task -> confirm(task, Optional.ofNullable(nodes.get(task.getNodeId()))));
    groups.values().forEach(tasks -> place(tasks, nodes.values()));
  }

  private Map<String, NodeLoad> loads() {
    Instant now = Times.instant(context.now());
    Map<String, NodeLoad> nodes = new TreeMap<>();
    for (Node node : transaction.snapshot().all(Kind.NODE)) {
      NodeLoad load = new NodeLoad(node);
      for (Task task : transaction.snapshot().tasksOfNode(node.getId())) {
        if (Tasks.isAssigned(task)) {
          load.addPresent(task, now);
        }
      }
      nodes.put(node.getId(), load);
    }
    return nodes;
  }

  private void confirm(Task task, Optional<NodeLoad> node) {
    Filters filters = new Filters(task);
    List<Veto> vetoes = node.flatMap(filters::veto).map(List::of).orElse(List.of());
    // A container's own attachment takes no room: the container runs already.
    boolean attachment = task.getSpec().hasAttachment();
    if (node.isPresent() && (attachment || vetoes.isEmpty())) {
      assign(task, node.get(), "scheduler confirmed task can run on preassigned node");
    } else {
      explain(task, Veto.explain(vetoes));
    }
  }

  private void place(List<Task> tasks, Collection<NodeLoad> nodes) {
    Filters filters = new Filters(tasks.getFirst());
    Spread spread = new Spread(tasks.getFirst(), filters, List.copyOf(nodes));
    for (int i = 0; i < tasks.size(); i++) {
      Optional<NodeLoad> node = spread.choose();
      if (node.isEmpty()) {
        List<Veto> vetoes = nodes.stream().flatMap(load -> filters.veto(load).stream()).toList();
        String reason = Veto.explain(vetoes);
        tasks.subList(i, tasks.size()).forEach(task -> explain(task, reason));
        return;
      }
      assign(tasks.get(i), node.get(), "scheduler assigned task to node");
    }
  }

  private void assign(Task task, NodeLoad node, String message) {
    Task.Builder assigned =
        task.toBuilder()
            .setNodeId(node.node().getId())
            .setStatus(
                TaskStatus.newBuilder()
                    .setState(TaskState.ASSIGNED)
                    .setTimestamp(context.now())
                    .setMessage(message));
    assigned.clearAssignedGenericResources().addAllAssignedGenericResources(node.place(task));
    transaction.put(Kind.TASK, assigned.build());
  }

  private void explain(Task task, String reason) {
    if (!task.getStatus().getErr().equals(reason)) {
      Task.Builder told = task.toBuilder();
      told.getStatusBuilder().setErr(reason).setTimestamp(context.now());
      transaction.put(Kind.TASK, told.build());
    }
  }
}
