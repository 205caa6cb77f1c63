package dev.hanse.agent.task;

import dev.hanse.agent.workload.Workload;
import dev.hanse.agent.workload.WorkloadStatus;
import dev.hanse.model.PortConfig;
import dev.hanse.model.TaskState;
import java.util.List;
import java.util.Optional;

/**
 * All that is known of a workload on this node.
 *
 * @param workload as its maker last wanted it, with the status that this node last reported
 * @param assigned false once its maker has taken it from this node
 * @param containerId of its container, made or to be made
 * @param container as last observed
 * @param held whether it may have a network or files outside its container
 * @param hostPorts published on this node alone, as chosen by the network
 * @param busy the step under way
 * @param failure of the last step
 */
public record TaskLife(
    Workload workload,
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

  /** One that is just wanted. */
  public static TaskLife assigned(Workload workload, String containerId) {
    return new TaskLife(
        workload,
        true,
        containerId,
        new ContainerView.Absent(),
        false,
        workload.status().ports(),
        Optional.empty(),
        Optional.empty());
  }

  /** The workload's id. */
  public String id() {
    return workload.id();
  }

  /** As this node last reported it. */
  public WorkloadStatus status() {
    return workload.status();
  }

  /** What its maker wants; one that is no longer assigned is to be removed. */
  public TaskState desired() {
    return assigned ? workload.desired() : TaskState.REMOVE;
  }

  /** With a newer version of the workload, whose status is the maker's copy of ours. */
  public TaskLife withWorkload(Workload newer) {
    return withWorkload(newer, true);
  }

  /** Likewise, still this node's or not. */
  TaskLife withWorkload(Workload newer, boolean stillAssigned) {
    return new TaskLife(
        newer.withStatus(status()),
        stillAssigned,
        containerId,
        container,
        held,
        hostPorts,
        busy,
        failure);
  }

  /** Taken from this node. */
  public TaskLife unassigned() {
    return new TaskLife(workload, false, containerId, container, held, hostPorts, busy, failure);
  }

  /** With another status; a failure has become part of it. */
  public TaskLife withStatus(WorkloadStatus newer) {
    return new TaskLife(
        workload.withStatus(newer),
        assigned,
        containerId,
        container,
        held,
        hostPorts,
        busy,
        Optional.empty());
  }

  /** With a newer observation. */
  public TaskLife withContainer(ContainerView newer) {
    return new TaskLife(workload, assigned, containerId, newer, held, hostPorts, busy, failure);
  }

  /** With or without resources outside the container. */
  public TaskLife withHeld(boolean newer) {
    return new TaskLife(
        workload, assigned, containerId, container, newer, hostPorts, busy, failure);
  }

  /** With the ports that were chosen for it. */
  public TaskLife withHostPorts(List<PortConfig> newer) {
    return new TaskLife(workload, assigned, containerId, container, held, newer, busy, failure);
  }

  /** A step has begun; what it may take counts as held at once. */
  public TaskLife begun(Step step) {
    return new TaskLife(
        workload,
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
        workload, assigned, containerId, container, held, hostPorts, Optional.empty(), why);
  }
}
