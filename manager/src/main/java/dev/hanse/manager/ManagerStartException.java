package dev.hanse.manager;

import dev.hanse.control.Rejection;
import java.util.Optional;

/** A manager could not start; the message is fit for the user. */
public final class ManagerStartException extends Exception {
  private final transient Optional<Rejection> rejection;

  /** The request itself was refused. */
  public ManagerStartException(Rejection rejection) {
    super(rejection.message());
    this.rejection = Optional.of(rejection);
  }

  /** Something else is in the way: a port, a file. */
  public ManagerStartException(String message, Throwable cause) {
    super(message, cause);
    this.rejection = Optional.empty();
  }

  /** Present if the request was at fault. */
  public Optional<Rejection> rejection() {
    return rejection;
  }
}
