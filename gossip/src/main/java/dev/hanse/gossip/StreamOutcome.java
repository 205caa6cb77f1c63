package dev.hanse.gossip;

/** How a question over a TCP connection ended without an answer. */
public enum StreamOutcome {
  /**
   * The connection was made and no answer came: the machine lives and the process exists, but does
   * not get to run. The kernel accepts connections for a stopped process too.
   */
  SILENT,

  /** The machine refused: it lives, the process is gone. */
  REFUSED,

  /** No connection in time. */
  UNREACHABLE
}
