package dev.hanse.raft;

/** The log cannot take entries now; the message says why. It may recover by itself. */
public final class LogUnavailableException extends Exception {
  /** A reason in words. */
  public LogUnavailableException(String message) {
    super(message);
  }

  /** A reason and the fault behind it. */
  public LogUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
