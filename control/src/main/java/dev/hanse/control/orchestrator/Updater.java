package dev.hanse.control.orchestrator;

import dev.hanse.control.Tasks;
import dev.hanse.control.Times;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskPlan;
import dev.hanse.model.TaskState;
import dev.hanse.model.UpdateConfig;
import dev.hanse.model.UpdateStatus;
import dev.hanse.model.UpdateStatus.UpdateState;
import dev.hanse.store.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Replaces outdated tasks, a few at a time. All that it has to know between two passes stands in
 * the state: the service's update status, and in each task why it was made and since when it runs.
 */
final class Updater {
  /** Docker's default for the time in which an end of a new task counts as a failed update. */
  private static final Duration MONITOR = Duration.ofSeconds(5);

  private static final UpdateConfig DEFAULTS = UpdateConfig.newBuilder().setParallelism(1).build();

  private final Orchestrator orchestrator;

  Updater(Orchestrator orchestrator) {
    this.orchestrator = orchestrator;
  }

  void run(Service service) {
    retireOutdone(service);
    Collection<Slot> slots = orchestrator.slots(service).values();
    List<Slot> outdated = slots.stream().filter(slot -> isOutdated(service, slot)).toList();
    switch (service.getUpdateStatus().getState()) {
      case PAUSED, ROLLBACK_PAUSED -> {}
      case UPDATING, ROLLBACK_STARTED -> advance(service, slots, outdated);
      case UNKNOWN, COMPLETED, ROLLBACK_COMPLETED, UNRECOGNIZED -> {
        if (!outdated.isEmpty()) {
          Service started = start(service);
          replace(started, outdated, room(started, slots));
        }
      }
    }
  }

  /** With start-first, the old tasks of a slot go as soon as a new one runs. */
  private void retireOutdone(Service service) {
    for (Slot slot : orchestrator.slots(service).values()) {
      List<Task> wanted = slot.wanted();
      boolean renewed =
          wanted.stream()
              .anyMatch(task -> Tasks.isRunning(task) && !orchestrator.isOutdated(service, task));
      if (renewed && wanted.size() > 1) {
        for (Task task : wanted) {
          if (orchestrator.isOutdated(service, task)) {
            orchestrator.desire(task, TaskState.SHUTDOWN);
          }
        }
      }
    }
  }

  private boolean isOutdated(Service service, Slot slot) {
    List<Task> wanted = slot.wanted();
    if (wanted.isEmpty()) {
      return orchestrator.isAtRest(slot)
          && slot.newest().filter(task -> orchestrator.isOutdated(service, task)).isPresent();
    }
    return wanted.stream().allMatch(task -> orchestrator.isOutdated(service, task));
  }

  private void advance(Service service, Collection<Slot> slots, List<Slot> outdated) {
    List<Task> renewed = renewed(service, slots);
    List<Task> failed = renewed.stream().filter(task -> hasFailed(service, task)).toList();
    UpdateConfig config = config(service);
    boolean tooMany =
        !failed.isEmpty()
            && (float) failed.size() / Math.max(1, filled(slots)) > config.getMaxFailureRatio();
    if (tooMany && config.getFailureAction() != UpdateConfig.FailureAction.CONTINUE) {
      stop(service, config, failed.getLast().getId());
      return;
    }
    if (!outdated.isEmpty()) {
      replace(service, outdated, room(service, slots));
      return;
    }
    Optional<Instant> end = settledAt(renewed, monitor(config));
    if (end.isEmpty()) {
      return; // Some task is still on its way: its report will wake us.
    }
    if (end.get().isAfter(orchestrator.now())) {
      orchestrator.wake(service, end.get());
    } else {
      complete(service);
    }
  }

  private static long filled(Collection<Slot> slots) {
    return slots.stream().filter(Slot::isWanted).count();
  }

  /** The tasks that this update has made. */
  private List<Task> renewed(Service service, Collection<Slot> slots) {
    Instant start = Times.instant(service.getUpdateStatus().getStartedAt());
    List<Task> renewed = new ArrayList<>();
    for (Slot slot : slots) {
      for (Task task : slot.tasks()) {
        if (task.getPlan().getReason() == TaskPlan.Reason.UPDATE
            && task.getDesiredStateValue() < TaskState.REMOVE_VALUE
            && !Times.instant(task.getMeta().getCreatedAt()).isBefore(start)
            && !orchestrator.isOutdated(service, task)) {
          renewed.add(task);
        }
      }
    }
    return renewed;
  }

  private static boolean hasFailed(Service service, Task task) {
    if (!Tasks.endedByItself(task)) {
      return false;
    }
    if (!task.getPlan().hasRunningAt()) {
      return true;
    }
    Instant until = Times.instant(task.getPlan().getRunningAt()).plus(monitor(config(service)));
    return !Times.instant(task.getStatus().getAppliedAt()).isAfter(until);
  }

  /** How many more slots may be taken in hand: those under way count until their delay is over. */
  private long room(Service service, Collection<Slot> slots) {
    UpdateConfig config = config(service);
    if (config.getParallelism() == 0) {
      return Long.MAX_VALUE;
    }
    Duration delay = Times.duration(config.getDelay());
    long underWay = 0;
    for (Task task : renewed(service, slots)) {
      Optional<Instant> settled = settledAt(List.of(task), delay);
      if (settled.isEmpty()) {
        underWay++;
      } else if (settled.get().isAfter(orchestrator.now())) {
        underWay++;
        orchestrator.wake(service, settled.get());
      }
    }
    return Math.max(0, config.getParallelism() - underWay);
  }

  /** When the last of these has been running, or dead, for {@code rest}; empty if not yet known. */
  private static Optional<Instant> settledAt(List<Task> tasks, Duration rest) {
    Instant last = Instant.EPOCH;
    for (Task task : tasks) {
      Instant since;
      if (task.getPlan().hasRunningAt()) {
        since = Times.instant(task.getPlan().getRunningAt());
      } else if (Tasks.isDead(task)) {
        since = Times.instant(task.getStatus().getAppliedAt());
      } else if (Tasks.isWanted(task)) {
        return Optional.empty();
      } else {
        continue; // Stopped before it ran, for example with its node.
      }
      last = last.isAfter(since) ? last : since;
    }
    return Optional.of(last.plus(rest));
  }

  private void replace(Service service, List<Slot> outdated, long room) {
    UpdateConfig.UpdateOrder order = config(service).getOrder();
    long left = room;
    for (Slot slot : outdated) {
      if (left == 0) {
        return;
      }
      boolean startFirst = order == UpdateConfig.UpdateOrder.START_FIRST && slot.isRunning();
      boolean made = startFirst ? startFirst(service, slot) : stopFirst(service, slot);
      if (!made) {
        return;
      }
      left--;
    }
  }

  private boolean stopFirst(Service service, Slot slot) {
    TaskPlan.Builder plan = TaskPlan.newBuilder().setReason(TaskPlan.Reason.UPDATE);
    if (!orchestrator.create(service, slot.key(), orchestrator.afterAlive(plan, slot).build())) {
      return false;
    }
    slot.wanted().forEach(task -> orchestrator.desire(task, TaskState.SHUTDOWN));
    return true;
  }

  private boolean startFirst(Service service, Slot slot) {
    TaskPlan plan = TaskPlan.newBuilder().setReason(TaskPlan.Reason.UPDATE).build();
    if (!orchestrator.create(service, slot.key(), plan)) {
      return false;
    }
    for (Task task : slot.wanted()) {
      // What is outdated and does not even run keeps nobody served.
      if (!Tasks.isRunning(task) || orchestrator.nodes().isGone(task.getNodeId())) {
        orchestrator.desire(task, TaskState.SHUTDOWN);
      }
    }
    return true;
  }

  private Service start(Service service) {
    return put(
        service.toBuilder()
            .setUpdateStatus(
                UpdateStatus.newBuilder()
                    .setState(UpdateState.UPDATING)
                    .setMessage("update in progress")
                    .setStartedAt(orchestrator.context().now()))
            .build());
  }

  private void complete(Service service) {
    boolean rollback = isRollback(service);
    put(
        service.toBuilder()
            .setUpdateStatus(
                service.getUpdateStatus().toBuilder()
                    .setState(rollback ? UpdateState.ROLLBACK_COMPLETED : UpdateState.COMPLETED)
                    .setMessage(rollback ? "rollback completed" : "update completed")
                    .setCompletedAt(orchestrator.context().now()))
            .build());
  }

  private void stop(Service service, UpdateConfig config, String taskId) {
    boolean rollback = isRollback(service);
    boolean back =
        config.getFailureAction() == UpdateConfig.FailureAction.ROLLBACK
            && !rollback // never roll back a rollback
            && service.hasPreviousSpec();
    String because = " due to failure or early termination of task " + taskId;
    if (back) {
      put(rolledBack(service, "update rolled back" + because));
      // The old specification is in force from now on; another look replaces the new tasks.
      orchestrator.wake(service, orchestrator.now());
    } else {
      put(
          service.toBuilder()
              .setUpdateStatus(
                  service.getUpdateStatus().toBuilder()
                      .setState(rollback ? UpdateState.ROLLBACK_PAUSED : UpdateState.PAUSED)
                      .setMessage((rollback ? "rollback paused" : "update paused") + because))
              .build());
    }
  }

  private Service rolledBack(Service service, String message) {
    return service.toBuilder()
        .setSpec(service.getPreviousSpec())
        .setSpecVersion(service.getPreviousSpecVersion())
        .clearPreviousSpec()
        .clearPreviousSpecVersion()
        .setUpdateStatus(
            UpdateStatus.newBuilder()
                .setState(UpdateState.ROLLBACK_STARTED)
                .setMessage(message)
                .setStartedAt(orchestrator.context().now()))
        .build();
  }

  private Service put(Service service) {
    orchestrator.transaction().put(Kind.SERVICE, service);
    return service;
  }

  private static boolean isRollback(Service service) {
    return service.getUpdateStatus().getState() == UpdateState.ROLLBACK_STARTED;
  }

  private static UpdateConfig config(Service service) {
    ServiceSpec spec = service.getSpec();
    if (isRollback(service)) {
      return spec.hasRollback() ? spec.getRollback() : DEFAULTS;
    }
    return spec.hasUpdate() ? spec.getUpdate() : DEFAULTS;
  }

  private static Duration monitor(UpdateConfig config) {
    return config.hasMonitor() ? Times.duration(config.getMonitor()) : MONITOR;
  }
}
