package dev.hanse.control.orchestrator;

import dev.hanse.control.Context;
import dev.hanse.control.Tasks;
import dev.hanse.model.Cluster;
import dev.hanse.model.Service;
import dev.hanse.model.Task;
import dev.hanse.model.TaskPlan;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;

/** Makes new tasks of a service. */
final class TaskFactory {
  private final Cluster cluster;
  private final Context context;

  TaskFactory(Cluster cluster, Context context) {
    this.cluster = cluster;
    this.context = context;
  }

  /**
   * A task that starts when {@code plan} allows it: at once if there is nothing to wait for.
   *
   * @param key a numbered slot, or the node of a global service's task
   */
  Task create(Service service, Slot.Key key, TaskPlan plan) {
    boolean waits = plan.hasNotBefore() || plan.getReplacesCount() > 0;
    Task.Builder task =
        Task.newBuilder()
            .setId(context.newId())
            .setServiceId(service.getId())
            .setSlot(key.number())
            .setNodeId(key.nodeId())
            .setServiceAnnotations(service.getSpec().getAnnotations())
            .setSpec(service.getSpec().getTask())
            .setSpecVersion(service.getSpecVersion())
            .setStatus(
                TaskStatus.newBuilder()
                    .setState(TaskState.NEW)
                    .setTimestamp(context.now())
                    .setMessage("created"))
            .setPlan(plan);
    Mode.of(service.getSpec()).ifPresent(mode -> mode.mark(task, service));
    task.setDesiredState(waits ? TaskState.READY : Tasks.goal(task));
    if (service.getSpec().getTask().hasLogDriver()) {
      task.setLogDriver(service.getSpec().getTask().getLogDriver());
    } else if (cluster.getSpec().getTaskDefaults().hasLogDriver()) {
      task.setLogDriver(cluster.getSpec().getTaskDefaults().getLogDriver());
    }
    return task.build();
  }
}
