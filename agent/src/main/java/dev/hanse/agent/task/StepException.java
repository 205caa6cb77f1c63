package dev.hanse.agent.task;

/** A step cannot succeed, for a reason that lies in the task; the message is for its status. */
final class StepException extends Exception {
  private static final long serialVersionUID = 1;

  StepException(String message) {
    super(message);
  }
}
