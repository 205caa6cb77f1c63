package dev.hanse.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Bytes to and from a unix socket, without any help from an HTTP library. */
public final class RawClient implements AutoCloseable {
  private final SocketChannel channel;
  private final InputStream input;

  private RawClient(SocketChannel channel) {
    this.channel = channel;
    this.input = Channels.newInputStream(channel);
  }

  public static RawClient connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return new RawClient(channel);
  }

  /** Sends text; LF stands for CRLF in heads. */
  public RawClient send(String text) throws IOException {
    return sendBytes(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  public RawClient sendBytes(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    return this;
  }

  /** Reads an answer's head up to the empty line, with LF line ends. */
  public String head() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
      int value = input.read();
      if (value < 0) {
        break;
      }
      head.write(value);
    }
    return head.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  public String read(int count) throws IOException {
    return new String(input.readNBytes(count), StandardCharsets.UTF_8);
  }

  /** What has come when something has: one read of a client with a large buffer. */
  public String readOnce() throws IOException {
    byte[] buffer = new byte[1 << 16];
    int count = input.read(buffer);
    return count < 0 ? "" : new String(buffer, 0, count, StandardCharsets.UTF_8);
  }

  public byte[] bytes(int count) throws IOException {
    return input.readNBytes(count);
  }

  public String readToEnd() throws IOException {
    return new String(input.readAllBytes(), StandardCharsets.UTF_8);
  }

  /** What came before the connection was ended or reset. */
  public String readUntilCut() {
    var read = new ByteArrayOutputStream();
    try {
      input.transferTo(read);
    } catch (IOException reset) {
      // That is the end waited for.
    }
    return read.toString(StandardCharsets.UTF_8);
  }

  public RawClient endOutput() throws IOException {
    channel.shutdownOutput();
    return this;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
