package dev.hanse.runtime.containers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.runtime.RuntimeFault;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

/** The texts are containerd's and runc's. */
class StartFaultsTest {
  @Test
  void aShimThatWasEndingIsAskedAgain() {
    assertThat(StartFaults.isShimGone(failure("ttrpc: closed: unknown"))).isTrue();
    assertThat(
            StartFaults.isShimGone(
                failure(
                    "failed to start shim: start failed: io.containerd.runc.v2: remove"
                        + " pre-existing socket: remove /run/containerd/s/b86f: no such file or"
                        + " directory: exit status 1")))
        .isTrue();
    assertThat(
            StartFaults.isShimGone(
                failure("dial unix /run/containerd/s/b86f: connect: connection refused")))
        .isTrue();
    assertThat(
            StartFaults.isShimGone(
                failure(
                    "failed to start shim: start failed: dial unix /run/containerd/s/b86f:"
                        + " connect: no such file or directory: unknown")))
        .isTrue();
  }

  @Test
  void aProgramThatIsMissingIsNotAskedForAgain() {
    StatusRuntimeException missing =
        failure(
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to"
                + " start container process: exec: \"/no\": stat /no: no such file or directory");
    assertThat(StartFaults.isShimGone(missing)).isFalse();
    assertThat(StartFaults.of(missing).kind()).isEqualTo(RuntimeFault.Kind.COMMAND_NOT_FOUND);
  }

  private static StatusRuntimeException failure(String text) {
    return Status.UNKNOWN.withDescription(text).asRuntimeException();
  }
}
