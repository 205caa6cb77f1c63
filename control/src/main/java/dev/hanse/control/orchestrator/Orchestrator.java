package dev.hanse.control.orchestrator;

import dev.hanse.control.Context;
import dev.hanse.control.Deadlines;
import dev.hanse.control.Tasks;
import dev.hanse.control.Times;
import dev.hanse.model.Cluster;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskPlan;
import dev.hanse.model.TaskState;
import dev.hanse.store.Kind;
import dev.hanse.store.Snapshot;
import dev.hanse.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Brings one service's tasks to what its specification and the nodes demand. Each service is looked
 * at from scratch: first tasks that ended or must leave their node, then the number of slots, then
 * the update of outdated ones, then the start of those that had to wait. What differs between modes
 * is the {@link Mode}'s.
 */
public final class Orchestrator {
  /** New tasks in one pass; what is above waits for the next, so that a batch stays bounded. */
  static final int NEW_TASKS_MAX = 2_000;

  /** How long a successor waits for a task that does not stop, beyond its grace period. */
  private static final Duration STOP_PATIENCE = Duration.ofMinutes(1);

  private static final Duration GRACE_PERIOD = Duration.ofSeconds(10);

  private final Transaction transaction;
  private final Context context;
  private final Deadlines deadlines;
  private final Nodes nodes;
  private final TaskFactory factory;
  private final Instant now;
  private Optional<Grouped> grouped = Optional.empty();
  private int newTasks;

  /** For one pass. */
  public Orchestrator(Transaction transaction, Context context, Deadlines deadlines) {
    this.transaction = transaction;
    this.context = context;
    this.deadlines = deadlines;
    this.nodes = new Nodes(transaction);
    this.now = Times.instant(context.now());
    Cluster cluster = transaction.snapshot().cluster().orElse(Cluster.getDefaultInstance());
    this.factory = new TaskFactory(cluster, context);
  }

  /** Looks at one service; if it does not exist any more, its tasks have to go. */
  public void run(String serviceId) {
    Optional<Service> service = transaction.find(Kind.SERVICE, serviceId);
    if (service.isPresent()) {
      // One without a mode was refused at the door.
      Mode.of(service.get().getSpec()).ifPresent(mode -> run(service.get(), mode));
    } else if (!serviceId.isEmpty()) {
      for (Task task : transaction.snapshot().tasksOfService(serviceId)) {
        desire(task, TaskState.REMOVE);
      }
    }
  }

  private void run(Service service, Mode mode) {
    mode.retire(this, service);
    replaceEnded(service, mode);
    mode.adjust(this, service);
    mode.update(this, service);
    startWaiting(service.getId());
  }

  /** The slots of a service as they are by now. */
  Map<Slot.Key, Slot> slots(Service service) {
    if (grouped.isEmpty() || !grouped.get().isCurrent(service.getId(), transaction.snapshot())) {
      Snapshot state = transaction.snapshot();
      Mode mode = Mode.of(service.getSpec()).orElseThrow();
      grouped =
          Optional.of(
              new Grouped(
                  service.getId(), state, Slot.group(mode, state.tasksOfService(service.getId()))));
    }
    return grouped.get().slots();
  }

  /** The slots as they were read last: mostly nothing is written between two looks. */
  private record Grouped(String serviceId, Snapshot state, Map<Slot.Key, Slot> slots) {
    @SuppressWarnings("ReferenceEquality") // each write makes another snapshot
    boolean isCurrent(String id, Snapshot now) {
      return serviceId.equals(id) && state == now;
    }
  }

  Nodes nodes() {
    return nodes;
  }

  Transaction transaction() {
    return transaction;
  }

  Context context() {
    return context;
  }

  Instant now() {
    return now;
  }

  void wake(Service service, Instant at) {
    deadlines.add(service.getId(), at);
  }

  /** Whether a task has to be replaced by one of the present specification. */
  boolean isOutdated(Service service, Task task) {
    return Specifications.isOutdated(service, task, nodes.find(task.getNodeId()));
  }

  /** Whether a slot is empty for good: its last task ended and the policy wants no successor. */
  boolean isAtRest(Slot slot) {
    return !slot.isWanted()
        && slot.newest()
            .filter(task -> task.getDesiredState() == TaskState.SHUTDOWN)
            .filter(task -> Tasks.endedByItself(task) || !slot.key().isNode())
            .filter(task -> !Restarts.allows(task))
            .isPresent();
  }

  /** Makes a task, if the bound of this pass allows it; else the service is looked at again. */
  boolean create(Service service, Slot.Key key, TaskPlan plan) {
    if (newTasks >= NEW_TASKS_MAX) {
      wake(service, now);
      return false;
    }
    newTasks++;
    transaction.put(Kind.TASK, factory.create(service, key, plan));
    return true;
  }

  /** Moves the desired state forward; it never goes back. */
  void desire(Task task, TaskState state) {
    if (task.getDesiredStateValue() < state.getNumber()) {
      transaction.put(Kind.TASK, task.toBuilder().setDesiredState(state).build());
    }
  }

  /** The wish that a new task of a slot waits until what holds the slot now has stopped. */
  TaskPlan.Builder afterAlive(TaskPlan.Builder plan, Slot slot) {
    for (Task task : slot.alive()) {
      if (!nodes.isGone(task.getNodeId())) {
        plan.addReplaces(task.getId());
      }
    }
    return plan;
  }

  private void replaceEnded(Service service, Mode mode) {
    for (Slot slot : slots(service).values()) {
      // Tasks that overlap in an update may end together: one successor is enough, of the newest.
      boolean succeeded = false;
      for (Task task : slot.wanted().reversed()) {
        boolean leaves = nodes.hasToLeave(task) || isLost(service, task.getNodeId());
        Optional<Instant> delayed = delayedUntil(task);
        if (Tasks.isDead(task) && !leaves && delayed.isPresent()) {
          // It failed before it was to start, as without its image: the delay counts all the same.
          wake(service, delayed.get());
        } else if (Tasks.isDead(task) || leaves) {
          desire(task, TaskState.SHUTDOWN);
          if (!succeeded && !hasStandIn(service, slot, task) && Restarts.allows(task)) {
            if (!leaves || !mode.followsNodes()) { // A slot that is a node has no other place.
              restart(service, slot, task, leaves);
            }
            succeeded = true;
          }
        }
      }
    }
  }

  /** Whether nobody answers for a node any more and the service waits no longer for it. */
  boolean isLost(Service service, String nodeId) {
    if (nodeId.isEmpty() || !nodes.isGone(nodeId)) {
      return false;
    }
    Optional<Instant> kept =
        nodes.find(nodeId).flatMap(node -> Disconnect.of(service).keptUntil(node, now));
    kept.ifPresent(end -> wake(service, end));
    return kept.isEmpty();
  }

  /**
   * Whether another task of the slot makes a successor needless. One that an update is about to
   * replace does not: the new one that failed is tried again while the old one serves on.
   */
  private boolean hasStandIn(Service service, Slot slot, Task task) {
    boolean replaced = isOutdated(service, task);
    return slot.wanted().stream()
        .filter(other -> !other.equals(task) && !Tasks.isDead(other))
        .anyMatch(other -> replaced || !isOutdated(service, other));
  }

  private void restart(Service service, Slot slot, Task task, boolean leaves) {
    boolean standsBeside =
        slot.wanted().stream().anyMatch(other -> !Tasks.isDead(other) && !other.equals(task));
    TaskPlan.Builder plan = Restarts.successor(task, isOutdated(service, task), context.now());
    // A lost node says nothing about the task: waiting would only lengthen the outage.
    Duration delay = leaves ? Duration.ZERO : Restarts.delay(service.getSpec().getTask());
    if (!delay.isZero()) {
      plan.setNotBefore(Times.timestamp(now.plus(delay)));
    }
    // Beside an old task that serves on until it is replaced, there is nobody to wait for.
    create(service, slot.key(), (standsBeside ? plan : afterAlive(plan, slot)).build());
  }

  private void startWaiting(String serviceId) {
    for (Task task : transaction.snapshot().tasksOfService(serviceId)) {
      if (task.getDesiredState() == TaskState.READY && !Tasks.isDead(task)) {
        Optional<Instant> blocked = blockedUntil(task);
        if (blocked.isPresent()) {
          deadlines.add(serviceId, blocked.get());
        } else {
          Task.Builder started = task.toBuilder().setDesiredState(Tasks.goal(task));
          started.getPlanBuilder().clearNotBefore().clearReplaces();
          transaction.put(Kind.TASK, started.build());
        }
      }
    }
  }

  private Optional<Instant> delayedUntil(Task task) {
    return task.getPlan().hasNotBefore()
        ? Optional.of(Times.instant(task.getPlan().getNotBefore())).filter(at -> at.isAfter(now))
        : Optional.empty();
  }

  private Optional<Instant> blockedUntil(Task task) {
    Optional<Instant> delayed = delayedUntil(task);
    if (delayed.isPresent()) {
      return delayed;
    }
    for (String id : task.getPlan().getReplacesList()) {
      Optional<Task> former = transaction.find(Kind.TASK, id);
      if (former.isPresent()
          && !Tasks.isDead(former.get())
          && !nodes.isGone(former.get().getNodeId())) {
        Instant end =
            Times.instant(task.getMeta().getCreatedAt())
                .plus(gracePeriod(former.get()))
                .plus(STOP_PATIENCE);
        return end.isAfter(now) ? Optional.of(end) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Duration gracePeriod(Task task) {
    return task.getSpec().getContainer().hasStopGracePeriod()
        ? Times.duration(task.getSpec().getContainer().getStopGracePeriod())
        : GRACE_PERIOD;
  }
}
