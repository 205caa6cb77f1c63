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
