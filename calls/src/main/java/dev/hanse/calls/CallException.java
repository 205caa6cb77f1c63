package dev.hanse.calls;

import dev.hanse.calls.table.Outcome;
import io.grpc.Status;

/** A call has not ended well, or could not be made. */
public final class CallException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  /** With the reason, for people to read. */
  public CallException(Status.Code code, String text) {
    super(text);
    this.code = code;
  }

  /** How a call has ended that has not ended well. */
  public CallException(Outcome outcome) {
    this(outcome.code(), outcome.text());
  }

  /** What kind of failure it is; UNAVAILABLE if the same call may succeed soon. */
  public Status.Code code() {
    return code;
  }

  /** The reason. */
  public String text() {
    return String.valueOf(getMessage());
  }

  /** May the same call succeed soon, by another leader or when the node is back? */
  public boolean isPassing() {
    return code == Status.Code.UNAVAILABLE;
  }
}
