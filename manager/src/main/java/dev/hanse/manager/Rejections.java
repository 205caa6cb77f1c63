package dev.hanse.manager;

import dev.hanse.control.Decision;
import dev.hanse.control.Rejection;
import io.grpc.Status;

/** Rejections as gRPC tells them: the one place where they are mapped. */
public final class Rejections {
  private Rejections() {}

  /** The status that swarmkit answers with. */
  public static Status status(Rejection rejection) {
    Status status =
        switch (rejection) {
          case Rejection.Invalid invalid -> Status.INVALID_ARGUMENT;
          case Rejection.NotFound missing -> Status.NOT_FOUND;
          case Rejection.AlreadyExists exists -> Status.ALREADY_EXISTS;
          case Rejection.FailedPrecondition failed -> Status.FAILED_PRECONDITION;
          case Rejection.Exhausted exhausted -> Status.RESOURCE_EXHAUSTED;
          case Rejection.Unavailable unavailable -> Status.UNAVAILABLE;
          case Rejection.PermissionDenied denied -> Status.PERMISSION_DENIED;
          case Rejection.Unimplemented unimplemented -> Status.UNIMPLEMENTED;
        };
    return status.withDescription(rejection.message());
  }

  /** The rejection that {@link #status} was made of. */
  public static Rejection of(Status status) {
    String message = String.valueOf(status.getDescription());
    return switch (status.getCode()) {
      case INVALID_ARGUMENT -> new Rejection.Invalid(message);
      case NOT_FOUND -> new Rejection.NotFound(message);
      case ALREADY_EXISTS -> new Rejection.AlreadyExists(message);
      case FAILED_PRECONDITION -> new Rejection.FailedPrecondition(message);
      case RESOURCE_EXHAUSTED -> new Rejection.Exhausted(message);
      case PERMISSION_DENIED -> new Rejection.PermissionDenied(message);
      case UNIMPLEMENTED -> new Rejection.Unimplemented(message);
      default -> new Rejection.Unavailable(message);
    };
  }

  /**
   * The accepted decision.
   *
   * @throws io.grpc.StatusRuntimeException if it was refused
   */
  public static Decision.Accepted require(Decision decision) {
    return switch (decision) {
      case Decision.Accepted accepted -> accepted;
      case Decision.Refused(Rejection rejection) -> throw status(rejection).asRuntimeException();
    };
  }
}
