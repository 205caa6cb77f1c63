package dev.hanse.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hanse.runtime.RuntimeFault;
import io.grpc.Status;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class FaultsTest {
  @Test
  void a_connection_that_breaks_is_no_answer() {
    Status unknown = Status.UNKNOWN.withDescription("channel closed");
    assertThat(
            Faults.of("x", unknown.withCause(new ClosedChannelException()).asRuntimeException())
                .kind())
        .isEqualTo(RuntimeFault.Kind.UNAVAILABLE);
    assertThat(Faults.of("x", unknown.asRuntimeException()).kind())
        .isEqualTo(RuntimeFault.Kind.INTERNAL);
  }
}
