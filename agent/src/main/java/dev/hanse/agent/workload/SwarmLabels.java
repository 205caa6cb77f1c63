package dev.hanse.agent.workload;

/** The labels by which the container of a swarm's task is recognised. */
public final class SwarmLabels {
  /** Present on every container of a task. */
  public static final String TASK = "com.docker.swarm.task";

  /** The task's id. */
  public static final String TASK_ID = "com.docker.swarm.task.id";

  /** The task's name, which is the container's name too. */
  public static final String TASK_NAME = "com.docker.swarm.task.name";

  /** The node's id. */
  public static final String NODE_ID = "com.docker.swarm.node.id";

  /** The service's id. */
  public static final String SERVICE_ID = "com.docker.swarm.service.id";

  /** The service's name. */
  public static final String SERVICE_NAME = "com.docker.swarm.service.name";

  private SwarmLabels() {}
}
