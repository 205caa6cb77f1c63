package dev.hanse.identity.certificate;

/** A key, certificate, token or enrolment that cannot be used; the message is fit for the user. */
public final class IdentityException extends Exception {
  /** What is wrong. */
  public enum Reason {
    /** The join token has not the form of one. */
    INVALID_TOKEN,
    /** The certificate of the remote authority is not the one that the token names. */
    WRONG_ROOT,
    /** The private key takes an unlock key, or another one than was given. */
    LOCKED,
    /** A certificate's life is over, or has not begun. */
    EXPIRED,
    /** A certificate is not signed by this cluster's root. */
    UNTRUSTED,
    /** A file or message is not what it should be. */
    MALFORMED,
    /** The manager said no: wrong token, node removed. */
    REFUSED,
    /** No manager answered. */
    UNREACHABLE
  }

  private final Reason reason;

  /** An error without an underlying cause. */
  public IdentityException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** An error and what caused it. */
  public IdentityException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What is wrong, for callers that act on it. */
  public Reason reason() {
    return reason;
  }
}
