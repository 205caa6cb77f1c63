package dev.hanse.agent.task;

/** A task's container as last observed. */
public sealed interface ContainerView {
  /** There is none. */
  record Absent() implements ContainerView {}

  /** Made, never started. */
  record Created() implements ContainerView {}

  /**
   * Its process runs.
   *
   * @param processId as the host numbers it
   * @param health what its probes say
   * @param watched this daemon reads its output, probes it and has its network in hand; false for
   *     one that an earlier run of the daemon started
   */
  record Running(int processId, HealthStatus health, boolean watched) implements ContainerView {}

  /**
   * Its process has ended.
   *
   * @param code exit code
   * @param outOfMemory the kernel killed a process of it for memory
   * @param health what its probes said last
   */
  record Exited(int code, boolean outOfMemory, HealthStatus health) implements ContainerView {}
}
