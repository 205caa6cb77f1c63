package dev.hanse.sim.check;

/**
 * Something that must never happen has happened; the message says what. An error, since the loops
 * that are checked go on after exceptions.
 */
public final class Violation extends Error {
  private static final long serialVersionUID = 1;

  /** With what has happened. */
  public Violation(String message) {
    super(message);
  }

  /** With what has happened, and the fault behind it. */
  public Violation(String message, Throwable cause) {
    super(message, cause);
  }

  /** Fails unless the condition holds. */
  @SuppressWarnings("AnnotateFormatMethod") // its annotation would be another dependency
  public static void unless(boolean holds, String format, Object... values) {
    if (!holds) {
      throw new Violation(format.formatted(values));
    }
  }
}
