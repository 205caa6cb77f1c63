package dev.hanse.calls.table;

/** The other end does not keep to the protocol: nothing more is believed of its stream. */
public final class CallViolation extends Exception {
  private static final long serialVersionUID = 1L;

  /** With what it did. */
  public CallViolation(String message) {
    super(message);
  }
}
