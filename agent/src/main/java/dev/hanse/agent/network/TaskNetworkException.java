package dev.hanse.agent.network;

/** A task's network cannot be made; the message says why and is fit for the task's status. */
public final class TaskNetworkException extends Exception {
  private final boolean passing;

  /** With a message for the user. */
  public TaskNetworkException(String message) {
    super(message);
    this.passing = false;
  }

  /** With a message for the user and the fault beneath. */
  public TaskNetworkException(String message, Throwable cause) {
    super(message, cause);
    this.passing = cause instanceof TaskNetworkException beneath && beneath.passing;
  }

  private TaskNetworkException(String message, boolean passing) {
    super(message);
    this.passing = passing;
  }

  /** This node itself still holds what is needed, for tasks that are ending: it can be had soon. */
  static TaskNetworkException passing(String message) {
    return new TaskNetworkException(message, true);
  }

  /** Is it worth another try, without anybody doing anything? */
  public boolean isPassing() {
    return passing;
  }
}
