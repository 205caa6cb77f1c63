package dev.hanse.text.template;

/** A template is malformed or cannot be filled in; the message is Go's, fit for the user. */
public final class TemplateFault extends Exception {
  private static final long serialVersionUID = 1;

  private final String problem;

  /** With a message for the user. */
  public TemplateFault(String problem) {
    super(problem, null, false, false);
    this.problem = problem;
  }

  @Override
  public String getMessage() {
    return problem;
  }
}
