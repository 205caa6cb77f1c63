package dev.hanse.cluster;

/** Another node's engine has given no answer. */
public final class EngineCallException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why not. */
  public enum Reason {
    /** The node, or the leader on the way to it, is not in touch; it may be soon. */
    AWAY,
    /** The cluster has no such node. */
    UNKNOWN,
    /** The node does not know such calls: a Docker Engine, or an earlier version. */
    UNABLE,
    /** It answers too many calls at once. */
    BUSY,
    /** Anything else. */
    FAILED
  }

  private final Reason reason;

  /** With a text for people. */
  public EngineCallException(Reason reason, String text, Throwable cause) {
    super(text, cause);
    this.reason = reason;
  }

  /** Why there is no answer. */
  public Reason reason() {
    return reason;
  }
}
