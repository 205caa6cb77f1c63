package dev.hanse.manager.calls;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hanse.calls.table.CallLimits;
import dev.hanse.model.CallFrame;
import dev.hanse.model.CallMessage;
import dev.hanse.model.NodeCallsGrpc;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class FrameBoundsTest {
  private static final FrameBounds.Bounded<CallFrame> BOUNDED =
      new FrameBounds.Bounded<>(NodeCallsGrpc.getAnswerMethod().getRequestMarshaller());

  /** As the transport's buffers. */
  private static final class Buffers extends ByteArrayInputStream implements KnownLength {
    Buffers(byte[] bytes) {
      super(bytes);
    }
  }

  /** As what is inflated: it always says that there is one byte. */
  private static InputStream inflated(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return new GZIPInputStream(new ByteArrayInputStream(packed.toByteArray()));
  }

  private static CallFrame frame(int bytes) {
    int around = 10; // Numbers and lengths of the fields.
    CallFrame frame =
        CallFrame.newBuilder()
            .setCallId(1)
            .setMessage(
                CallMessage.newBuilder().setChunk(ByteString.copyFrom(new byte[bytes - around])))
            .build();
    assertThat(frame.getSerializedSize()).isEqualTo(bytes);
    return frame;
  }

  @Test
  @Tag("attack")
  void a_frame_is_decoded_up_to_the_limit_also_if_it_does_not_say_its_length() throws IOException {
    CallFrame longest = frame(CallLimits.FRAME_BYTES_MAX);
    CallFrame longer = frame(CallLimits.FRAME_BYTES_MAX + 1);
    assertThat(BOUNDED.parse(new Buffers(longest.toByteArray()))).isEqualTo(longest);
    assertThat(BOUNDED.parse(inflated(longest.toByteArray()))).isEqualTo(longest);
    assertThat(BOUNDED.parse(new Buffers(longer.toByteArray())))
        .isEqualTo(CallFrame.getDefaultInstance());
    assertThat(BOUNDED.parse(inflated(longer.toByteArray())))
        .isEqualTo(CallFrame.getDefaultInstance());
  }

  @Test
  @Tag("attack")
  void no_more_than_one_byte_past_the_limit_is_inflated() throws IOException {
    try (InputStream endless = inflated(new byte[4 * CallLimits.FRAME_BYTES_MAX])) {
      assertThat(BOUNDED.parse(endless)).isEqualTo(CallFrame.getDefaultInstance());
      assertThat(endless.skip(Long.MAX_VALUE)).isEqualTo(3L * CallLimits.FRAME_BYTES_MAX - 1);
    }
  }
}
