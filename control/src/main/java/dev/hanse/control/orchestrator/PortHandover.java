package dev.hanse.control.orchestrator;

import dev.hanse.control.Look;
import dev.hanse.control.Pass;
import dev.hanse.control.Tasks;
import dev.hanse.control.scheduler.Objections;
import dev.hanse.model.PublishedPort;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Ends what would wait for itself for ever: an update with start-first makes a new task, which
 * waits for a host's port that the old task of its slot holds until the new one runs. Where no
 * other node takes the new task, the old one goes first. It runs behind the scheduler, whose
 * waiting tasks are all that it looks at, whatever has changed: it needs no keys.
 *
 * <p>Of the slots of a replicated service one goes after the other: the node that one gives back
 * serves the next, whose old task goes on until then.
 */
public final class PortHandover implements Pass {
  @Override
  public String name() {
    return "port handover";
  }

  @Override
  public void run(Look look) {
    Map<String, List<Task>> waiting = new TreeMap<>();
    for (Task task : look.transaction().snapshot().tasksWaiting()) {
      if (task.getStatus().getState() == TaskState.PENDING
          && task.getDesiredState() == TaskState.RUNNING
          && !Objections.hostPorts(task).isEmpty()) {
        waiting.computeIfAbsent(task.getServiceId(), id -> new ArrayList<>()).add(task);
      }
    }
    look.each(
        "service",
        waiting.keySet(),
        id -> handOver(look.transaction(), id, waiting.getOrDefault(id, List.of())));
  }

  private static void handOver(Transaction transaction, String serviceId, List<Task> waiting) {
    Optional<Service> service =
        transaction.find(Kind.SERVICE, serviceId).filter(PortHandover::isUpdated);
    if (service.isEmpty()) {
      return;
    }
    Snapshot state = transaction.snapshot();
    Nodes nodes = new Nodes(transaction);
    List<Task> oldestFirst = waiting.stream().sorted(Tasks.BY_AGE).toList();
    for (Task task : oldestFirst) {
      List<Task> holders = holders(service.get(), task, state, nodes);
      boolean bound = !task.getNodeId().isEmpty();
      if (!holders.isEmpty() && !hasProspects(task, state)) {
        Optional<Task> gone =
            holders.stream()
                .filter(holder -> Objections.takesAfter(task, holder, state))
                .findFirst();
        gone.ifPresent(holder -> transaction.put(Kind.TASK, stopped(holder)));
        if (gone.isPresent() && !bound) {
          return;
        }
      }
    }
  }

  private static boolean isUpdated(Service service) {
    return switch (service.getUpdateStatus().getState()) {
      case UPDATING, ROLLBACK_STARTED -> true;
      case UNKNOWN, PAUSED, COMPLETED, ROLLBACK_PAUSED, ROLLBACK_COMPLETED, UNRECOGNIZED -> false;
    };
  }

  /** The old tasks of the slot that have a port which the new one waits for. */
  private static List<Task> holders(Service service, Task task, Snapshot state, Nodes nodes) {
    Collection<Task> others =
        task.getNodeId().isEmpty()
            ? state.tasksOfSlot(service.getId(), task.getSlot())
            : state.tasksOfNode(task.getNodeId());
    Set<PublishedPort> ports = Objections.hostPorts(task);
    return others.stream()
        .filter(other -> other.getServiceId().equals(service.getId()) && holds(other))
        .filter(other -> !Collections.disjoint(ports, Objections.hostPorts(other)))
        .filter(other -> Specifications.isOutdated(service, other, nodes.find(other.getNodeId())))
        .toList();
  }

  /** Whether it has a node and is not about to leave it. */
  private static boolean holds(Task task) {
    return Tasks.isWanted(task) && Tasks.isAssigned(task) && !Tasks.isDead(task);
  }

  /**
   * Whether there is a node for the task without anybody's help, now or as soon as those have
   * stopped that are about to. A new task that is on its way may give back a node, too, and is to
   * serve before another old one goes.
   */
  private static boolean hasProspects(Task task, Snapshot state) {
    return Objections.to(task, state, other -> !Tasks.hasToStop(other)).values().stream()
            .anyMatch(Optional::isEmpty)
        || (task.getNodeId().isEmpty()
            && state.tasksOfService(task.getServiceId()).stream()
                .anyMatch(other -> isOnItsWay(other, task)));
  }

  private static boolean isOnItsWay(Task other, Task task) {
    return other.getSpecVersion().equals(task.getSpecVersion())
        && holds(other)
        && !Tasks.isRunning(other);
  }

  private static Task stopped(Task task) {
    return task.toBuilder().setDesiredState(TaskState.SHUTDOWN).build();
  }
}
