package dev.hanse.agent.template;

/** A placeholder cannot be filled; the message is fit for the task's status. */
public final class TemplateException extends Exception {
  private static final long serialVersionUID = 1;

  /** With a message for the user. */
  public TemplateException(String message) {
    super(message);
  }
}
