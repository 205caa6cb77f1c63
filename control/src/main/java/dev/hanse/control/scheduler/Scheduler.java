package dev.hanse.control.scheduler;

import dev.hanse.control.Context;
import dev.hanse.control.Isolation;
import dev.hanse.control.Tasks;
import dev.hanse.control.Times;
import dev.hanse.model.EndpointSpec;
import dev.hanse.model.GenericResource;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Assigns waiting tasks to nodes. Equal tasks are placed as a group: the nodes are judged once for
 * all of them. Tasks that came with a node (of global services, and attachments) are only judged.
 */
public final class Scheduler {
  private final Transaction transaction;
  private final Context context;
  private final Isolation isolation;
  private boolean roomTaken;

  /** Tasks whose placing threw in this pass: they know why. */
  private final Set<String> failed = new HashSet<>();

  /** Of the part that is being done; taken back if it throws. */
  private final List<Placement> placements = new ArrayList<>();

  private record Placement(NodeLoad node, Task task, List<GenericResource> claimed) {
    void takeBack() {
      node.takeBack(task, claimed);
    }
  }

  private record Group(String serviceId, TaskSpec spec, EndpointSpec endpoint) {}

  /** For one pass. */
  public Scheduler(Transaction transaction, Context context, Isolation isolation) {
    this.transaction = transaction;
    this.context = context;
    this.isolation = isolation;
  }

  /**
   * Tries to place waiting tasks: first all are placed that can be, then the others are told why
   * not. For those that were left over by an earlier pass, less room does not change the outcome,
   * but perhaps the reason.
   *
   * @param services whose tasks to try
   * @param all whether to try the tasks of all services
   */
  public void run(Set<String> services, boolean all) {
    List<Task> waiting = all ? everyPending() : pending(services);
    if (waiting.isEmpty()) {
      return;
    }
    Map<String, NodeLoad> nodes = loads();
    for (Task task : waiting) {
      if (!task.getNodeId().isEmpty()) {
        Optional<NodeLoad> node = Optional.ofNullable(nodes.get(task.getNodeId()));
        apart(List.of(task), () -> confirm(task, node));
      }
    }
    groups(waiting).forEach(tasks -> apart(tasks, () -> place(tasks, nodes.values())));
    explainAll(all || roomTaken ? everyPending() : pending(services), nodes);
  }

  /** What is done for some tasks, which are told if it fails, and for no others. */
  private void apart(List<Task> tasks, Runnable part) {
    placements.clear();
    if (!isolation.run("task", tasks.getFirst().getId(), part)) {
      placements.reversed().forEach(Placement::takeBack);
      failed.addAll(tasks.stream().map(Task::getId).toList());
      String reason = isolation.lastReason();
      tasks.forEach(task -> isolation.run("task", task.getId(), () -> explain(task, reason)));
    }
  }

  private List<Task> everyPending() {
    return pending(transaction.snapshot().tasksWaiting());
  }

  private List<Task> pending(Set<String> services) {
    List<Task> tasks = new ArrayList<>();
    for (String serviceId : services) {
      tasks.addAll(transaction.snapshot().tasksWaiting(serviceId));
    }
    return pending(tasks);
  }

  /** Who waits longest comes first. */
  private static List<Task> pending(Collection<Task> waiting) {
    List<Task> tasks = new ArrayList<>();
    for (Task task : waiting) {
      if (task.getStatus().getState() == TaskState.PENDING && Tasks.isWanted(task)) {
        tasks.add(task);
      }
    }
    tasks.sort(Tasks.BY_AGE);
    return tasks;
  }

  /** Equal tasks that may go anywhere. */
  private static Collection<List<Task>> groups(List<Task> waiting) {
    Map<Group, List<Task>> groups = new LinkedHashMap<>();
    for (Task task : waiting) {
      if (task.getNodeId().isEmpty()) {
        Group group = new Group(task.getServiceId(), task.getSpec(), task.getEndpoint().getSpec());
        groups.computeIfAbsent(group, key -> new ArrayList<>()).add(task);
      }
    }
    return groups.values();
  }

  private Map<String, NodeLoad> loads() {
    Instant now = Times.instant(context.now());
    Map<String, NodeLoad> nodes = new TreeMap<>();
    for (Node node : transaction.snapshot().all(Kind.NODE)) {
      NodeLoad load = new NodeLoad(node);
      Collection<Task> tasks = transaction.snapshot().tasksOfNode(node.getId());
      if (isolation.run("node", node.getId(), () -> tasks.forEach(task -> add(load, task, now)))) {
        nodes.put(node.getId(), load);
      } else {
        nodes.put(node.getId(), carefulLoad(node, tasks, now));
      }
    }
    return nodes;
  }

  private static void add(NodeLoad load, Task task, Instant now) {
    if (Tasks.isAssigned(task)) {
      load.addPresent(task, now);
    }
  }

  /** Without the tasks that cannot be counted. */
  private NodeLoad carefulLoad(Node node, Collection<Task> tasks, Instant now) {
    NodeLoad load = new NodeLoad(node);
    for (Task task : tasks) {
      isolation.run("task", task.getId(), () -> add(load, task, now));
    }
    return load;
  }

  private void confirm(Task task, Optional<NodeLoad> node) {
    PlacementFilters filters = new PlacementFilters(task);
    // A container's own attachment takes no room: the container runs already.
    boolean attachment = task.getSpec().hasAttachment();
    if (node.isPresent() && (attachment || filters.veto(node.get()).isEmpty())) {
      assign(task, node.get(), "scheduler confirmed task can run on preassigned node");
    }
  }

  private void place(List<Task> tasks, Collection<NodeLoad> nodes) {
    PlacementFilters filters = new PlacementFilters(tasks.getFirst());
    Spread spread = new Spread(tasks.getFirst(), filters, List.copyOf(nodes));
    for (Task task : tasks) {
      Optional<NodeLoad> node = spread.choose();
      if (node.isEmpty()) {
        return;
      }
      assign(task, node.get(), "scheduler assigned task to node");
    }
  }

  private void explainAll(List<Task> everyLeft, Map<String, NodeLoad> nodes) {
    List<Task> left =
        failed.isEmpty()
            ? everyLeft
            : everyLeft.stream().filter(task -> !failed.contains(task.getId())).toList();
    for (Task task : left) {
      if (!task.getNodeId().isEmpty()) {
        List<NodeLoad> node = Optional.ofNullable(nodes.get(task.getNodeId())).stream().toList();
        apart(List.of(task), () -> explain(task, reason(new PlacementFilters(task), node)));
      }
    }
    for (List<Task> tasks : groups(left)) {
      apart(tasks, () -> explain(tasks, nodes.values()));
    }
  }

  private void explain(List<Task> tasks, Collection<NodeLoad> nodes) {
    String reason = reason(new PlacementFilters(tasks.getFirst()), nodes);
    tasks.forEach(task -> explain(task, reason));
  }

  private static String reason(PlacementFilters filters, Collection<NodeLoad> nodes) {
    return Veto.explain(nodes.stream().flatMap(load -> filters.veto(load).stream()).toList());
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
    roomTaken |= NodeLoad.takesRoom(task);
    Placement placement = new Placement(node, task, node.place(task));
    placements.add(placement);
    assigned.clearAssignedGenericResources().addAllAssignedGenericResources(placement.claimed());
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
