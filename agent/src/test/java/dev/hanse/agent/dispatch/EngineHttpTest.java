package dev.hanse.agent.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hanse.model.EngineCall;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineHttpTest {
  /** Gives a byte at a time, as the slowest of peers. */
  private static ReadableByteChannel slowly(String text) {
    InputStream bytes = new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    return Channels.newChannel(
        new InputStream() {
          @Override
          public int read() throws IOException {
            return bytes.read();
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            return bytes.read(target, offset, Math.min(length, 1));
          }
        });
  }

  private static ReadableByteChannel atOnce(String text) {
    return Channels.newChannel(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void readsTheHeadAndKeepsWhatCameBehindIt() throws Exception {
    String answer = "HTTP/1.1 101 Switching Protocols\r\ncontent-type: a/b\r\nX: y\r\n\r\nraw";
    EngineHttp.Head head = EngineHttp.readHead(atOnce(answer));
    assertThat(head.upgraded()).isTrue();
    assertThat(head.contentType()).isEqualTo("a/b");
    assertThat(StandardCharsets.US_ASCII.decode(head.rest()).toString()).isEqualTo("raw");
    EngineHttp.Head slow = EngineHttp.readHead(slowly(answer));
    assertThat(slow.message()).isEqualTo(head.message());
    assertThat(slow.rest().remaining()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "HTTP/1.1 200 OK\r\n", "\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1\n\r\n"})
  void whatIsNoHeadIsRefused(String answer) {
    assertThatThrownBy(() -> EngineHttp.readHead(atOnce(answer))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> EngineHttp.readHead(slowly(answer))).isInstanceOf(IOException.class);
  }

  @Test
  void anEndlessHeadIsRefused() {
    String answer = "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(10_000);
    assertThatThrownBy(() -> EngineHttp.readHead(atOnce(answer)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no head");
  }

  @Test
  void asksForAnUpgradeOnlyWhenTold() {
    EngineCall call =
        EngineCall.newBuilder()
            .setMethod("POST")
            .setTarget("/v1.51/exec/ab/start?x=1")
            .setBody(ByteString.copyFromUtf8("{}"))
            .build();
    assertThat(text(call))
        .startsWith("POST /v1.51/exec/ab/start?x=1 HTTP/1.0\r\n")
        .contains("\r\nContent-Length: 2\r\nContent-Type: application/json\r\n")
        .doesNotContain("Upgrade")
        .endsWith("\r\n\r\n");
    assertThat(text(call.toBuilder().setUpgrade(true).build()))
        .startsWith("POST /v1.51/exec/ab/start?x=1 HTTP/1.1\r\n")
        .contains("\r\nUpgrade: tcp\r\n");
  }

  private static String text(EngineCall call) {
    return new String(EngineHttp.request(call), StandardCharsets.US_ASCII);
  }
}
