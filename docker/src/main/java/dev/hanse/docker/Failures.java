package dev.hanse.docker;

import dev.hanse.agent.volume.VolumeException;
import dev.hanse.control.Rejection;
import dev.hanse.runtime.RuntimeFault;
import dev.hanse.web.HttpFailure;

/**
 * The one place where what went wrong becomes Docker's answer. The texts of rejections carry the
 * gRPC prefix that Docker's daemon shows, since clients look for it.
 */
public final class Failures {
  private Failures() {}

  /** The answer for anything thrown; what is not expected is a 500 with its message. */
  public static HttpFailure of(Throwable fault) {
    return switch (fault) {
      case HttpFailure failure -> failure;
      case SwarmRefusal refusal -> of(refusal);
      case RuntimeFault runtime -> of(runtime);
      case VolumeException volume -> of(volume);
      default -> HttpFailure.unexpected(text(fault));
    };
  }

  private static String text(Throwable fault) {
    String message = fault.getMessage();
    return message == null ? fault.getClass().getSimpleName() : message;
  }

  private static HttpFailure of(SwarmRefusal refusal) {
    int status =
        switch (refusal.kind()) {
          case INVALID -> 400;
          case UNAUTHORIZED -> 401;
          case CONFLICT -> 409;
          case INTERNAL -> 500;
          case UNAVAILABLE -> 503;
        };
    return new HttpFailure(status, text(refusal));
  }

  /** The answer for a refused command. */
  public static HttpFailure of(Rejection rejection) {
    return switch (rejection) {
      case Rejection.Invalid(String message) -> rpc(400, "InvalidArgument", message);
      case Rejection.NotFound(String message) -> rpc(404, "NotFound", message);
      case Rejection.AlreadyExists(String message) -> rpc(409, "AlreadyExists", message);
      case Rejection.FailedPrecondition(String message) -> precondition(message);
      case Rejection.Exhausted(String message) -> rpc(500, "ResourceExhausted", message);
      case Rejection.Unavailable(String message) -> rpc(503, "Unavailable", message);
      case Rejection.PermissionDenied(String message) -> rpc(403, "PermissionDenied", message);
      case Rejection.Unimplemented(String message) -> rpc(501, "Unimplemented", message);
    };
  }

  /** Docker has no code for a stale version, and its clients retry on this very text. */
  private static HttpFailure precondition(String message) {
    return message.equals("update out of sequence")
        ? rpc(500, "Unknown", message)
        : rpc(400, "FailedPrecondition", message);
  }

  private static HttpFailure rpc(int status, String code, String message) {
    return new HttpFailure(status, "rpc error: code = " + code + " desc = " + message);
  }

  private static HttpFailure of(RuntimeFault fault) {
    if (fault.kind() == RuntimeFault.Kind.INTERNAL) {
      return HttpFailure.unexpected(text(fault));
    }
    int status =
        switch (fault.kind()) {
          case NO_SUCH_IMAGE, NO_SUCH_CONTAINER, NO_SUCH_EXEC, MANIFEST_UNKNOWN, PULL_DENIED -> 404;
          case INVALID, BAD_IMAGE, BAD_TAR, COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE -> 400;
          case UNAUTHORIZED -> 401;
          case CONFLICT -> 409;
          case REGISTRY_UNREACHABLE, START_FAILED, INTERNAL -> 500;
          case NOT_INSTALLED, UNAVAILABLE -> 503;
        };
    return new HttpFailure(status, text(fault));
  }

  private static HttpFailure of(VolumeException fault) {
    int status =
        switch (fault.kind()) {
          case INVALID -> 400;
          case NOT_FOUND -> 404;
          case CONFLICT -> 409;
        };
    return new HttpFailure(status, text(fault));
  }
}
