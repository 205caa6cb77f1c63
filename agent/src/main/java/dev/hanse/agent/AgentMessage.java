package dev.hanse.agent;

import dev.hanse.agent.task.ContainerView;
import dev.hanse.agent.task.HealthStatus;
import dev.hanse.agent.task.Step;
import dev.hanse.agent.task.StepOutcome;
import dev.hanse.agent.workload.WorkloadChanges;
import dev.hanse.model.AssignmentsMessage;
import dev.hanse.runtime.process.ExitStatus;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What the agent's loop is told. */
sealed interface AgentMessage {
  /**
   * A manager has assigned or withdrawn.
   *
   * @param message for the secrets and configs in it
   * @param changes the workloads in it
   * @param seen containers of workloads that are further than a new one but not known here, by id
   */
  record Assigned(
      AssignmentsMessage message, WorkloadChanges changes, Map<String, ContainerView> seen)
      implements AgentMessage {}

  /** A step is over. */
  record StepEnded(String taskId, Step step, StepOutcome outcome) implements AgentMessage {}

  /** A step was broken off. */
  record StepBroken(String taskId, Step step) implements AgentMessage {}

  /** The pause before another try of a step is over. */
  record RetryDue(String taskId, Step step) implements AgentMessage {}

  /** A container's process has ended. */
  record ContainerExited(String containerId, ExitStatus status) implements AgentMessage {}

  /** A container's probes have another verdict. */
  record HealthChanged(String taskId, HealthStatus health) implements AgentMessage {}

  /** The node leaves its swarm: completed once nothing of any task is left. */
  record LeaveSwarm(CompletableFuture<Void> done) implements AgentMessage {}

  /** The machine goes down: every task is to end, and none is begun. */
  record ShutDown() implements AgentMessage {}

  /** End the loop; the containers go on. */
  record Close() implements AgentMessage {}
}
