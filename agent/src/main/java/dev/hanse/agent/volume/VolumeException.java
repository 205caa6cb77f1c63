package dev.hanse.agent.volume;

/** A volume operation is refused; the message is fit for the user, the kind for the API. */
public final class VolumeException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Kind {
    /** Name, driver or option cannot be. */
    INVALID,
    /** No volume of that name. */
    NOT_FOUND,
    /** It exists otherwise, or is in use. */
    CONFLICT
  }

  private final Kind kind;

  VolumeException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Why. */
  public Kind kind() {
    return kind;
  }
}
