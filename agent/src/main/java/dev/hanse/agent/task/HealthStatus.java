package dev.hanse.agent.task;

/** What the probes of a container say. */
public enum HealthStatus {
  /** It has none. */
  NONE,
  /** No probe has succeeded yet, and too few have failed. */
  STARTING,
  /** The last probes succeeded. */
  HEALTHY,
  /** As many probes in a row failed as the check allows. */
  UNHEALTHY
}
