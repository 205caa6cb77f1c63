package dev.hanse.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.identity.certificate.IdentityException;
import dev.hanse.identity.certificate.IdentityException.Reason;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import org.junit.jupiter.api.Test;

/** Which faults of an enrolment leave open whether a manager is there. */
class SilenceTest {
  @Test
  void both_limits_are_silence() {
    assertThat(silence(Status.DEADLINE_EXCEEDED)).isTrue();
    assertThat(silence(Status.UNAVAILABLE.withCause(new ConnectTimeoutException("5000 ms"))))
        .isTrue();
  }

  @Test
  void what_the_other_host_or_the_kernel_says_is_none() {
    assertThat(silence(Status.UNAVAILABLE.withCause(new ConnectException("refused")))).isFalse();
    assertThat(silence(Status.UNAVAILABLE.withCause(new NoRouteToHostException("none")))).isFalse();
    assertThat(silence(Status.UNAVAILABLE)).isFalse();
    assertThat(silence(Status.PERMISSION_DENIED)).isFalse();
    assertThat(Enrollment.isSilence(new IdentityException(Reason.UNREACHABLE, "not issued")))
        .isFalse();
  }

  private static boolean silence(Status status) {
    return Enrollment.isSilence(
        new IdentityException(Reason.UNREACHABLE, "no answer", status.asRuntimeException()));
  }
}
