package dev.hanse.agent.task;

/** Work on a task that takes time; each may be repeated after a crash at any point of it. */
public enum Step {
  /** Image, volumes, network, files and container made. */
  PREPARE,
  /** Process started. */
  START,
  /** A container started by an earlier run of the daemon taken over. */
  ADOPT,
  /** Process asked to end, then made to. */
  STOP,
  /** Network and files given back; the container stays, for its log and exit code. */
  RELEASE,
  /** Container deleted with its log and anonymous volumes. */
  REMOVE;

  /**
   * May the task have a network, files or a container's parts from the moment that this step
   * begins? It may be broken off anywhere, so they are given back however it ends.
   */
  boolean takes() {
    return switch (this) {
      case PREPARE, START, ADOPT -> true;
      case STOP, RELEASE, REMOVE -> false;
    };
  }
}
