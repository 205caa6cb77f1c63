package dev.hanse.agent.task;

/**
 * Why a step did not succeed and, for the task's sake, never will.
 *
 * @param message fit for the task's status: what is too long for one is cut short
 */
public record StepFailure(String message) {
  private static final int LENGTH_MAX = 2_048;

  /** Cuts the message short: registries and programs say what they like. */
  public StepFailure {
    if (message.length() > LENGTH_MAX) {
      message = message.substring(0, LENGTH_MAX) + "…";
    }
  }
}
