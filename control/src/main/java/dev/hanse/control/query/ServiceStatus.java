package dev.hanse.control.query;

import dev.hanse.control.orchestrator.Mode;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Snapshot;
import java.util.OptionalLong;

/**
 * How many tasks of a service there are, as {@code docker service ls} shows.
 *
 * @param running tasks that run
 * @param desired tasks that should run
 * @param completed tasks of a job that ended well
 */
public record ServiceStatus(long running, long desired, long completed) {
  /** Counts the tasks of a service as swarmkit's ListServiceStatuses does. */
  public static ServiceStatus of(Snapshot snapshot, Service service) {
    long running = 0;
    long completed = 0;
    long wanted = 0;
    for (Task task : snapshot.tasksOfService(service.getId())) {
      if (service.hasJobStatus()
          && !task.getJobIteration().equals(service.getJobStatus().getJobIteration())) {
        continue; // of an earlier run of the job
      }
      TaskState state = task.getStatus().getState();
      if (service.hasJobStatus() && state == TaskState.COMPLETE) {
        completed++;
      }
      if (state == TaskState.RUNNING) {
        running++;
      }
      if (task.getDesiredState() == TaskState.RUNNING
          || (task.getDesiredState() == TaskState.COMPLETE && state != TaskState.COMPLETE)) {
        wanted++;
      }
    }
    long desired =
        Mode.of(service.getSpec())
            .map(Mode::tasksAtATime)
            .orElse(OptionalLong.empty())
            .orElse(wanted);
    return new ServiceStatus(running, desired, completed);
  }
}
