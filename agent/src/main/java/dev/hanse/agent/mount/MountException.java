package dev.hanse.agent.mount;

/** A mount cannot be; the message is fit for the user and the task's status. */
public final class MountException extends Exception {
  private static final long serialVersionUID = 1;

  /** With a message for the user. */
  public MountException(String message) {
    super(message);
  }

  /** With a message for the user and the fault beneath. */
  public MountException(String message, Throwable cause) {
    super(message, cause);
  }
}
