package dev.hanse.lab;

/**
 * The lab could not do what was asked; the message says what and why, in words for the person at
 * the terminal.
 */
public final class LabException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure explained by {@code message}. */
  public LabException(String message) {
    super(message);
  }

  /** A failure with the fault that led to it. */
  public LabException(String message, Throwable cause) {
    super(message, cause);
  }
}
