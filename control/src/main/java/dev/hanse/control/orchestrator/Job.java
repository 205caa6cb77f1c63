package dev.hanse.control.orchestrator;

import com.google.protobuf.Timestamp;
import dev.hanse.control.Rejection;
import dev.hanse.control.Tasks;
import dev.hanse.model.JobStatus;
import dev.hanse.model.Service;
import dev.hanse.model.ServiceSpec;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.Version;
import java.util.List;
import java.util.Optional;

/**
 * A service whose tasks are to end well, once in each slot. It is run when it is made and again
 * whenever its specification is written; the number of the run stands at the service and in each
 * task. There is nothing to update: a new run takes away what is left of the former one. What
 * failed is restarted as the restart policy says, what ended well never is.
 */
abstract sealed class Job extends Mode permits ReplicatedJob, GlobalJob {
  @Override
  public Optional<Rejection> check(ServiceSpec spec) {
    return spec.hasUpdate()
        ? Optional.of(new Rejection.Invalid("Jobs may not have an update config"))
        : Optional.empty();
  }

  @Override
  public Service written(Service service, Timestamp now) {
    JobStatus.Builder status = service.getJobStatus().toBuilder().setLastExecution(now);
    status.setJobIteration(
        Version.newBuilder().setIndex(service.hasJobStatus() ? runOf(service).getIndex() + 1 : 0));
    return service.toBuilder().setJobStatus(status).clearUpdateStatus().build();
  }

  @Override
  void mark(Task.Builder task, Service service) {
    task.setJobIteration(runOf(service));
  }

  /** Takes away what is left of former runs, and successors of what has ended well after all. */
  @Override
  void retire(Orchestrator orchestrator, Service service) {
    for (Slot slot : orchestrator.slots(service).values()) {
      boolean kept = keepsHistory(slot.key());
      boolean complete = isComplete(presentRun(service, slot));
      for (Task task : slot.tasks()) {
        boolean former = !isOfRun(service, task);
        boolean needless = complete && task.getDesiredState() == TaskState.READY;
        if (former ? !kept || !Tasks.isDead(task) : needless && !Tasks.isDead(task)) {
          orchestrator.desire(task, TaskState.REMOVE);
        }
      }
    }
  }

  /** Whether the dead tasks that former runs have left in a slot stay as its history. */
  abstract boolean keepsHistory(Slot.Key key);

  @Override
  void update(Orchestrator orchestrator, Service service) {}

  @Override
  boolean isFilled(Orchestrator orchestrator, Service service, Slot slot) {
    Slot present = presentRun(service, slot);
    return isComplete(present) || super.isFilled(orchestrator, service, present);
  }

  /** A slot as the present run has filled it. */
  static Slot presentRun(Service service, Slot slot) {
    List<Task> tasks = slot.tasks();
    return tasks.stream().allMatch(task -> isOfRun(service, task))
        ? slot
        : new Slot(slot.key(), tasks.stream().filter(task -> isOfRun(service, task)).toList());
  }

  private static boolean isComplete(Slot slot) {
    return slot.tasks().stream()
        .anyMatch(task -> task.getStatus().getState() == TaskState.COMPLETE);
  }

  private static boolean isOfRun(Service service, Task task) {
    return task.hasJobIteration() && task.getJobIteration().equals(runOf(service));
  }

  private static Version runOf(Service service) {
    return service.getJobStatus().getJobIteration();
  }
}
