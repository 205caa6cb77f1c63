package dev.hanse.agent.task;

import dev.hanse.model.PortConfig;
import dev.hanse.model.Task;
import dev.hanse.model.TaskState;
import dev.hanse.model.TaskStatus;
import java.util.List;
import java.util.Optional;

/**
 * All that is known of a task on this node.
 *
 * @param task as the manager last assigned it
 * @param status as this node last reported it
 * @param assigned false once the manager has taken the task from this node
 * @param containerId of its container, made or to be made
 * @param container as last observed
 * @param held whether it may have a network or files outside its container
 * @param hostPorts published on this node alone, as chosen by the network
 * @param busy the step under way
 * @param failure of the last step
 */
public record TaskLife(
    Task task,
    TaskStatus status,
    boolean assigned,
    String containerId,
    ContainerView container,
    boolean held,
    List<PortConfig> hostPorts,
    Optional<Step> busy,
    Optional<StepFailure> failure) {

  /** Copies the list. */
  public TaskLife {
    hostPorts = List.copyOf(hostPorts);
  }

  /** A task just assigned. */
  public static TaskLife assigned(Task task, String containerId) {
    return new TaskLife(
        task,
        task.getStatus(),
        true,
        containerId,
        new ContainerView.Absent(),
        false,
        task.getStatus().getPortStatus().getPortsList(),
        Optional.empty(),
        Optional.empty());
  }

  /** What the manager wants; a task that is no longer assigned is to be removed. */
  public TaskState desired() {
    return assigned ? task.getDesiredState() : TaskState.REMOVE;
  }

  /** With a newer version of the task, whose status is the manager's copy of ours. */
  public TaskLife withTask(Task newer) {
    return withTask(newer, true);
  }

  /** Likewise, still this node's or not. */
  TaskLife withTask(Task newer, boolean stillAssigned) {
    return new TaskLife(
        newer, status, stillAssigned, containerId, container, held, hostPorts, busy, failure);
  }

  /** Taken from this node. */
  public TaskLife unassigned() {
    return new TaskLife(
        task, status, false, containerId, container, held, hostPorts, busy, failure);
  }

  /** With another status; a failure has become part of it. */
  public TaskLife withStatus(TaskStatus newer) {
    return new TaskLife(
        task, newer, assigned, containerId, container, held, hostPorts, busy, Optional.empty());
  }

  /** With a newer observation. */
  public TaskLife withContainer(ContainerView newer) {
    return new TaskLife(task, status, assigned, containerId, newer, held, hostPorts, busy, failure);
  }

  /** With or without resources outside the container. */
  public TaskLife withHeld(boolean newer) {
    return new TaskLife(
        task, status, assigned, containerId, container, newer, hostPorts, busy, failure);
  }

  /** With the ports that were chosen for it. */
  public TaskLife withHostPorts(List<PortConfig> newer) {
    return new TaskLife(task, status, assigned, containerId, container, held, newer, busy, failure);
  }

  /** A step has begun; what it may take counts as held at once. */
  public TaskLife begun(Step step) {
    return new TaskLife(
        task,
        status,
        assigned,
        containerId,
        container,
        held || step.takes(),
        hostPorts,
        Optional.of(step),
        Optional.empty());
  }

  /** The step has ended. */
  public TaskLife ended(Optional<StepFailure> why) {
    return new TaskLife(
        task, status, assigned, containerId, container, held, hostPorts, Optional.empty(), why);
  }
}
