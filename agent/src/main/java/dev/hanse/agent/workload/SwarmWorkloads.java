package dev.hanse.agent.workload;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.hanse.model.Assignment;
import dev.hanse.model.AssignmentChange;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.model.PortStatus;
import dev.hanse.model.RestartPolicy;
import dev.hanse.model.Task;
import dev.hanse.model.TaskSpec;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The maker for the swarm's tasks: from a task to the node's workload, and from what became of that
 * to the task's status. Nothing else of the agent knows tasks, but for what speaks with managers.
 * Labels and names are those of Docker's executor for swarm tasks. Pure.
 */
public final class SwarmWorkloads {
  /** The maker's name in records. */
  public static final String MAKER = "swarm";

  private SwarmWorkloads() {}

  /** What a manager has assigned and withdrawn. */
  public static WorkloadChanges changes(AssignmentsMessage message) {
    List<WorkloadChanges.Change> changes = new ArrayList<>();
    for (AssignmentChange change : message.getChangesList()) {
      Assignment assignment = change.getAssignment();
      if (assignment.hasTask()) {
        changes.add(
            switch (change.getAction()) {
              case REMOVE -> new WorkloadChanges.Withdrawn(assignment.getTask().getId());
              case UPDATE, UNRECOGNIZED ->
                  new WorkloadChanges.Wanted(workload(assignment.getTask()));
            });
      }
    }
    boolean complete = message.getType() == AssignmentsMessage.Type.COMPLETE;
    return new WorkloadChanges(MAKER, complete, changes);
  }

  /** The workload that a task is. A task is never started again: it gets a successor. */
  public static Workload workload(Task task) {
    TaskSpec spec = task.getSpec();
    return new Workload(
        task.getId(),
        name(task),
        labels(task),
        spec.hasContainer() ? Optional.of(spec.getContainer()) : Optional.empty(),
        task.getNetworksList(),
        task.getEndpoint().getPortsList(),
        RestartPolicy.getDefaultInstance(),
        spec.getResources(),
        task.getAssignedGenericResourcesList(),
        task.getLogDriver(),
        Optional.of(placeholders(task)),
        task.getServiceId().isEmpty() ? task.getId() : task.getServiceId(),
        task.getDesiredState(),
        status(task.getStatus()),
        new Original(MAKER, task.toByteString()));
  }

  /**
   * The workload of a record that held the task itself, as they did before there were workloads.
   *
   * @throws InvalidProtocolBufferException if it is none
   */
  public static Workload ofTaskRecord(byte[] content) throws InvalidProtocolBufferException {
    return workload(Task.parseFrom(content));
  }

  /** The task that a workload was made of, as it is now; empty if another maker made it. */
  public static Optional<Task> task(Workload workload) {
    return original(workload).map(task -> asItIs(task, workload));
  }

  private static Task asItIs(Task assigned, Workload workload) {
    Task.Builder task =
        assigned.toBuilder().setStatus(status(assigned.getStatus(), workload.status()));
    if (workload.desired() != TaskState.UNRECOGNIZED) {
      task.setDesiredState(workload.desired());
    }
    return task.build();
  }

  /** What managers are to know of a workload that this maker made. */
  public static TaskStatus status(Workload workload) {
    TaskStatus assigned =
        original(workload).map(Task::getStatus).orElse(TaskStatus.getDefaultInstance());
    return status(assigned, workload.status());
  }

  private static Optional<Task> original(Workload workload) {
    if (!workload.isOf(MAKER)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Task.parseFrom(workload.original().content()));
    } catch (InvalidProtocolBufferException unreadable) {
      // Of a record that is whole but was not written by us: the workload is known all the same.
      return Optional.empty();
    }
  }

  private static WorkloadStatus status(TaskStatus status) {
    return new WorkloadStatus(
        status.getState(),
        status.getMessage(),
        status.getErr(),
        status.getTimestamp(),
        status.hasContainer() ? Optional.of(status.getContainer()) : Optional.empty(),
        status.getPortStatus().getPortsList());
  }

  private static TaskStatus status(TaskStatus assigned, WorkloadStatus present) {
    TaskStatus.Builder status =
        assigned.toBuilder()
            .setMessage(present.message())
            .setErr(present.error())
            .clearRuntimeStatus();
    if (present.state() != TaskState.UNRECOGNIZED) {
      status.setState(present.state());
    }
    if (!present.reachedAt().equals(Timestamp.getDefaultInstance())) {
      status.setTimestamp(present.reachedAt());
    }
    present.container().ifPresent(status::setContainer);
    if (isOver(status.getState())) {
      // As swarmkit's agent says it: a container that has ended publishes nothing.
      status.setPortStatus(PortStatus.getDefaultInstance());
    } else if (present.container().isPresent() || !present.ports().isEmpty()) {
      status.setPortStatus(PortStatus.newBuilder().addAllPorts(present.ports()));
    }
    return status.build();
  }

  private static boolean isOver(TaskState state) {
    return state != TaskState.UNRECOGNIZED && state.getNumber() > TaskState.RUNNING_VALUE;
  }

  /**
   * The name of a task and of its container: {@code SERVICE.SLOT.ID} unless annotated otherwise.
   */
  static String name(Task task) {
    String annotated = task.getAnnotations().getName();
    return annotated.isEmpty()
        ? task.getServiceAnnotations().getName() + "." + slot(task) + "." + task.getId()
        : annotated;
  }

  private static String slot(Task task) {
    return task.getSlot() == 0 ? task.getNodeId() : Long.toUnsignedString(task.getSlot());
  }

  private static Map<String, String> labels(Task task) {
    Map<String, String> labels = new HashMap<>(task.getSpec().getContainer().getLabelsMap());
    labels.putAll(task.getAnnotations().getLabelsMap());
    labels.put(SwarmLabels.TASK, "");
    labels.put(SwarmLabels.TASK_ID, task.getId());
    labels.put(SwarmLabels.TASK_NAME, name(task));
    labels.put(SwarmLabels.NODE_ID, task.getNodeId());
    labels.put(SwarmLabels.SERVICE_ID, task.getServiceId());
    labels.put(SwarmLabels.SERVICE_NAME, task.getServiceAnnotations().getName());
    return labels;
  }

  /** The fields of swarmkit's template context that the node does not know better. */
  private static Placeholders placeholders(Task task) {
    return new Placeholders(
        Map.of(
            "Service.ID", task.getServiceId(),
            "Service.Name", task.getServiceAnnotations().getName(),
            "Node.ID", task.getNodeId(),
            "Task.ID", task.getId(),
            "Task.Name", name(task),
            "Task.Slot", slot(task)),
        task.getServiceAnnotations().getLabelsMap());
  }
}
