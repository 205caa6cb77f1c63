package dev.hanse.runtime.containerd;

import dev.hanse.runtime.RuntimeFault;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;

/** Turns the statuses of containerd's calls into {@link RuntimeFault}s. */
public final class Faults {
  private Faults() {}

  /** Whether the call failed because the thing does not exist. */
  public static boolean isNotFound(StatusRuntimeException failure) {
    return failure.getStatus().getCode() == Status.Code.NOT_FOUND;
  }

  /** Whether the call failed because the thing exists. */
  public static boolean isAlreadyExists(StatusRuntimeException failure) {
    return failure.getStatus().getCode() == Status.Code.ALREADY_EXISTS;
  }

  /** Whether the call failed because nothing more can be written. */
  public static boolean isDiskFull(StatusRuntimeException failure) {
    String said = failure.getStatus().getDescription();
    return said != null && said.contains("no space left on device");
  }

  /** A fault that says what was being done and what containerd said. */
  public static RuntimeFault of(String doing, StatusRuntimeException failure) {
    String said = failure.getStatus().getDescription();
    return new RuntimeFault(
        kind(failure.getStatus()),
        doing + ": " + (said == null ? failure.getStatus().getCode().name() : said),
        failure);
  }

  private static RuntimeFault.Kind kind(Status status) {
    if (status.getCause() instanceof IOException) {
      // The connection broke, for which gRPC has no code of its own: containerd said nothing.
      return RuntimeFault.Kind.UNAVAILABLE;
    }
    return switch (status.getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> RuntimeFault.Kind.UNAVAILABLE;
      case ALREADY_EXISTS, FAILED_PRECONDITION -> RuntimeFault.Kind.CONFLICT;
      case INVALID_ARGUMENT, OUT_OF_RANGE, UNIMPLEMENTED -> RuntimeFault.Kind.INVALID;
      case OK,
          UNKNOWN,
          NOT_FOUND,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          ABORTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED ->
          RuntimeFault.Kind.INTERNAL;
    };
  }
}
