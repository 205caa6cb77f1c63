package dev.hanse.agent.dispatch;

import dev.hanse.model.EngineCall;
import dev.hanse.model.EngineHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * As much of HTTP as it takes to ask this process's own API one thing on a connection. What is not
 * to be upgraded is asked in HTTP/1.0, where the end of the connection is the end of the body (RFC
 * 1945).
 */
final class EngineHttp {
  private static final int HEAD_BYTES_MAX = 16 << 10;
  private static final int UPGRADED = 101;

  private EngineHttp() {}

  /**
   * The head of an answer.
   *
   * @param rest what has been read behind it
   */
  record Head(int status, String contentType, ByteBuffer rest) {
    boolean upgraded() {
      return status == UPGRADED;
    }

    EngineHead message() {
      return EngineHead.newBuilder().setStatus(status).setContentType(contentType).build();
    }
  }

  /** The head of a request, whose target and method have been checked. */
  static byte[] request(EngineCall call) {
    StringBuilder head =
        new StringBuilder(call.getMethod())
            .append(' ')
            .append(call.getTarget())
            .append(call.getUpgrade() ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n")
            .append("Host: engine\r\nContent-Length: ")
            .append(call.getBody().size());
    if (!call.getBody().isEmpty()) {
      head.append("\r\nContent-Type: application/json");
    }
    head.append(
        call.getUpgrade()
            ? "\r\nConnection: Upgrade, close\r\nUpgrade: tcp"
            : "\r\nConnection: close");
    return head.append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads up to the end of the head, and what has arrived with it.
   *
   * @throws IOException if that is no answer of HTTP
   */
  static Head readHead(ReadableByteChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(HEAD_BYTES_MAX);
    int end;
    do {
      if (!buffer.hasRemaining() || channel.read(buffer) < 0) {
        throw new IOException("the engine's answer has no head");
      }
      end = end(buffer);
    } while (end < 0);
    String text = new String(buffer.array(), 0, end, StandardCharsets.ISO_8859_1);
    return parse(text, buffer.flip().position(end));
  }

  private static int end(ByteBuffer buffer) {
    for (int at = 3; at < buffer.position(); at++) {
      if (buffer.get(at) == '\n' && buffer.get(at - 1) == '\r' && buffer.get(at - 2) == '\n') {
        return at + 1;
      }
    }
    return -1;
  }

  private static Head parse(String text, ByteBuffer rest) throws IOException {
    String type = "";
    for (String line : text.lines().skip(1).toList()) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-type:")) {
        type = line.substring("content-type:".length()).strip();
      }
    }
    try {
      return new Head(Integer.parseInt(text, "HTTP/1.1 ".length(), 12, 10), type, rest);
    } catch (NumberFormatException | IndexOutOfBoundsException malformed) {
      throw new IOException("the engine's answer is no HTTP", malformed);
    }
  }
}
