package dev.hanse.manager.members;

/** The other managers did not take this one in, or did not let it go. */
public final class MembershipException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean refused;

  /**
   * An error in the words of who was asked.
   *
   * @param refused whether somebody has said no; false if nobody could be asked in time
   */
  public MembershipException(boolean refused, String message) {
    super(message);
    this.refused = refused;
  }

  /** Is it of no use to try again? */
  public boolean refused() {
    return refused;
  }
}
