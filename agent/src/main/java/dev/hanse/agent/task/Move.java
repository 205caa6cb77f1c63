package dev.hanse.agent.task;

import dev.hanse.agent.workload.WorkloadStatus;

/** What to do next for a workload. */
public sealed interface Move {
  /** Nothing until something is observed or assigned. */
  record Rest() implements Move {}

  /** The workload has reached a state: remember and report it, then ask again. */
  record Advance(WorkloadStatus status) implements Move {}

  /** Begin a step, on another thread. */
  record Perform(Step step) implements Move {}

  /** Break off the step under way: its result is not wanted any more. */
  record Cancel() implements Move {}

  /** Nothing is left of it on this node. */
  record Forget() implements Move {}
}
