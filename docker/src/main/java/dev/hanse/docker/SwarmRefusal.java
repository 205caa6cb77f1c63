package dev.hanse.docker;

/** Why {@link SwarmLifecycle} did not do it; the message is for the user, in Docker's words. */
public final class SwarmRefusal extends Exception {
  /** Which error Docker answers with. */
  public enum Kind {
    /** The request makes no sense: 400. */
    INVALID,
    /** The unlock key is wrong: 401. */
    UNAUTHORIZED,
    /** There is nothing to unlock: 409. */
    CONFLICT,
    /** It failed: 500. */
    INTERNAL,
    /** Not in the state that this node is in, or nobody answers: 503. */
    UNAVAILABLE
  }

  private final Kind kind;

  public SwarmRefusal(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public SwarmRefusal(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Which error it is. */
  public Kind kind() {
    return kind;
  }
}
