package dev.hanse.docker.swarm;

import dev.hanse.control.orchestrator.Mode;
import dev.hanse.docker.json.ServiceStatus;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.store.Snapshot;
import java.util.OptionalLong;

/** Counts the tasks of a service as swarmkit's ListServiceStatuses does. */
final class ServiceCounts {
  private ServiceCounts() {}

  static ServiceStatus of(Snapshot snapshot, Service service) {
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
