package dev.hanse.runtime.containers;

import dev.hanse.runtime.RuntimeFault;
import dev.hanse.runtime.containerd.Faults;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Tells from runc's text why a process could not be started; there is nothing else to tell it from.
 * Docker does the same (exit codes 127, 126, 128).
 */
final class StartFaults {
  private StartFaults() {}

  private static final String OF_EXEC = "OCI runtime exec failed";

  /** Of a container's first process. */
  static RuntimeFault of(StatusRuntimeException failure) {
    String doing = "failed to create task for container";
    return of(failure, doing, Faults.of(doing, failure));
  }

  /** Of a further one; runc's own words, without what containerd puts before them. */
  static RuntimeFault ofExec(StatusRuntimeException failure) {
    String doing = "failed to start exec";
    RuntimeFault general = Faults.of(doing, failure);
    int start = general.getMessage().indexOf(OF_EXEC);
    return of(
        failure,
        doing,
        start < 0
            ? general
            : new RuntimeFault(general.kind(), general.getMessage().substring(start), failure));
  }

  private static RuntimeFault of(
      StatusRuntimeException failure, String doing, RuntimeFault general) {
    if (failure.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
      // containerd was there and has not come to an end: so it would be again.
      return new RuntimeFault(
          RuntimeFault.Kind.START_FAILED, doing + ": it did not start in time", failure);
    }
    if (isInTheWay(general.getMessage())) {
      return new RuntimeFault(RuntimeFault.Kind.UNAVAILABLE, general.getMessage(), failure);
    }
    if (general.kind() == RuntimeFault.Kind.UNAVAILABLE) {
      return general;
    }
    return new RuntimeFault(kind(general.getMessage()), general.getMessage(), failure);
  }

  /** An earlier call for the same container, whose answer was lost, is still being cleared away. */
  private static boolean isInTheWay(String text) {
    return text.contains("failed to start shim") && text.contains("file exists");
  }

  private static RuntimeFault.Kind kind(String text) {
    boolean ofTheCommand = text.contains("exec: ") || text.contains("exec failed");
    if (text.contains("executable file not found")
        || (ofTheCommand && text.contains("no such file or directory"))) {
      return RuntimeFault.Kind.COMMAND_NOT_FOUND;
    }
    if (ofTheCommand
        && (text.contains("permission denied")
            || text.contains("is a directory")
            || text.contains("not a directory")
            || text.contains("exec format error"))) {
      return RuntimeFault.Kind.COMMAND_NOT_EXECUTABLE;
    }
    return RuntimeFault.Kind.START_FAILED;
  }

  /**
   * A shim that was just ending when it was asked: the same request made again works. It may have
   * closed the connection, refused it, or removed its socket between being found and being asked.
   */
  static boolean isShimGone(StatusRuntimeException failure) {
    String said = String.valueOf(failure.getStatus().getDescription());
    return said.contains("ttrpc: closed")
        || said.contains("connection refused")
        || (said.contains("failed to start shim")
            && (said.contains(": dial unix ") || said.contains("remove pre-existing socket")))
        || said.contains("shim disconnected");
  }
}
