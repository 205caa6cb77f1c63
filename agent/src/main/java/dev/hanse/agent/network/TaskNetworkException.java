package dev.hanse.agent.network;

/** A task's network cannot be made; the message says why and is fit for the task's status. */
public final class TaskNetworkException extends Exception {
  /** With a message for the user. */
  public TaskNetworkException(String message) {
    super(message);
  }

  /** With a message for the user and the fault beneath. */
  public TaskNetworkException(String message, Throwable cause) {
    super(message, cause);
  }
}
