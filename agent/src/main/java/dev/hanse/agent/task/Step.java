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
  REMOVE
}
