package dev.hanse.lab.client;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One HTTP/1.1 request over a unix socket (RFC 9112, as much as the Docker Engine API uses: bodies
 * by length, in chunks or to the end of the connection). The connection closes with the response.
 */
final class UnixHttp implements AutoCloseable {
  private static final int HEAD_BYTES_MAX = 64 * 1024;
  private static final int CHUNK_BYTES = 32 * 1024;

  private final SocketChannel channel;
  private final int status;
  private final Map<String, String> headers;
  private final InputStream body;

  private UnixHttp(
      SocketChannel channel, int status, Map<String, String> headers, InputStream body) {
    this.channel = channel;
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** A request body. */
  sealed interface Body {
    /** As the {@code Content-Type} header says. */
    String mediaType();

    /** One that is in memory. */
    record Bytes(String mediaType, ByteBuffer content) implements Body {}

    /** One of unknown length, sent in chunks as it is read. */
    record Stream(String mediaType, InputStream content) implements Body {}
  }

  /**
   * Sends a request and reads the head of the response.
   *
   * @throws IOException when nobody listens on the socket or the answer is no HTTP
   */
  static UnixHttp exchange(
      Path socket,
      String method,
      String target,
      Map<String, String> extraHeaders,
      Optional<Body> body)
      throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      send(channel, method, target, extraHeaders, body);
      InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
      int status = statusOf(readLine(in));
      while (status == 100) {
        readHeaders(in);
        status = statusOf(readLine(in));
      }
      Map<String, String> headers = readHeaders(in);
      return new UnixHttp(channel, status, headers, bodyOf(in, status, headers));
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  int status() {
    return status;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  InputStream body() {
    return body;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static void send(
      SocketChannel channel,
      String method,
      String target,
      Map<String, String> extraHeaders,
      Optional<Body> body)
      throws IOException {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    head.append("Host: docker\r\nConnection: close\r\n");
    extraHeaders.forEach(
        (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append(
        switch (body.orElse(null)) {
          case Body.Bytes bytes ->
              "Content-Type: %s\r\nContent-Length: %d\r\n"
                  .formatted(bytes.mediaType(), bytes.content().remaining());
          case Body.Stream stream ->
              "Content-Type: %s\r\nTransfer-Encoding: chunked\r\n".formatted(stream.mediaType());
          case null -> method.equals("GET") || method.equals("HEAD") ? "" : "Content-Length: 0\r\n";
        });
    head.append("\r\n");
    OutputStream out = Channels.newOutputStream(channel);
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (body.isPresent()) {
      switch (body.get()) {
        case Body.Bytes bytes -> {
          ByteBuffer content = bytes.content().duplicate();
          while (content.hasRemaining()) {
            channel.write(content);
          }
        }
        case Body.Stream stream -> sendChunks(out, stream.content());
      }
    }
  }

  /** RFC 9112 section 7.1. What fails to be read is thrown, what fails to be sent is not. */
  private static void sendChunks(OutputStream out, InputStream content) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    int count;
    do {
      count = content.readNBytes(chunk, 0, chunk.length);
      try {
        if (count > 0) {
          out.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
          out.write(chunk, 0, count);
          out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        if (count < chunk.length) {
          out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException refused) {
        // Whoever does not want the body answers before it is over: the answer says why.
        return;
      }
    } while (count == chunk.length);
  }

  private static int statusOf(String statusLine) throws IOException {
    String[] words = statusLine.split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
      throw new IOException("not an HTTP answer: " + statusLine);
    }
    return Integer.parseInt(words[1]);
  }

  private static Map<String, String> readHeaders(InputStream in) throws IOException {
    Map<String, String> headers = new TreeMap<>();
    int bytes = 0;
    for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
      bytes += line.length();
      if (bytes > HEAD_BYTES_MAX) {
        throw new IOException("head of the answer is larger than " + HEAD_BYTES_MAX + " bytes");
      }
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  private static InputStream bodyOf(InputStream in, int status, Map<String, String> headers) {
    if (status == 204 || status == 304) {
      return InputStream.nullInputStream();
    }
    if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
      return new ChunkedBody(in);
    }
    String length = headers.get("content-length");
    return length == null ? in : new SizedBody(in, Long.parseLong(length));
  }

  static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("connection closed in the middle of the answer");
      }
      if (line.length() >= HEAD_BYTES_MAX) {
        throw new IOException("line of the answer is longer than " + HEAD_BYTES_MAX + " bytes");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  /** A body in chunks (RFC 9112 section 7.1); trailers are skipped. */
  private static final class ChunkedBody extends InputStream {
    private final InputStream in;
    private long left;
    private boolean first = true;
    private boolean ended;

    ChunkedBody(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (left == 0 && !ended) {
        nextChunk();
      }
      if (ended) {
        return -1;
      }
      int count = in.read(target, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new IOException("connection closed in the middle of a chunk");
      }
      left -= count;
      return count;
    }

    private void nextChunk() throws IOException {
      if (!first) {
        readLine(in);
      }
      first = false;
      String size = readLine(in);
      int extension = size.indexOf(';');
      left =
          Long.parseLong(extension < 0 ? size.strip() : size.substring(0, extension).strip(), 16);
      ended = left == 0;
    }
  }

  /** A body of a known length. */
  private static final class SizedBody extends InputStream {
    private final InputStream in;
    private long left;

    SizedBody(InputStream in, long length) {
      this.in = in;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = in.read(target, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new IOException("connection closed " + left + " bytes before the end of the answer");
      }
      left -= count;
      return count;
    }
  }
}
