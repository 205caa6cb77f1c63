package dev.hanse.identity.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** HTTP/2 over TLS, frame by frame, as no honest client does it. */
final class RawClient implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;
  static final int END_HEADERS = 4;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int TIMEOUT_MS = 20_000;

  private final SSLSocket socket;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

  private RawClient(SSLSocket socket) {
    this.socket = socket;
  }

  /** From an address of this machine, with these keys or without a certificate. */
  static RawClient connect(String from, int port, KeyManager... keys) throws IOException {
    Socket plain = socket(from, port);
    try {
      plain.setSoTimeout(TIMEOUT_MS);
      SSLSocket socket =
          (SSLSocket) tls(keys).getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      RawClient client = new RawClient(socket);
      client.pending.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
      client.frame(SETTINGS, 0, 0);
      client.frame(SETTINGS, 1, 0); // The server's own hold, its windows above all.
      client.flush();
      return client;
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  static Socket socket(String from, int port) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), TIMEOUT_MS);
    return socket;
  }

  /** The first message of a handshake. */
  static byte[] hello() throws IOException {
    SSLEngine engine = tls().createSSLEngine();
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    byte[] bytes = new byte[hello.flip().remaining()];
    hello.get(bytes);
    return bytes;
  }

  private static SSLContext tls(KeyManager... keys) {
    X509TrustManager anybody =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String authType) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String authType) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, new TrustManager[] {anybody}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Puts a frame behind those not yet sent. */
  void frame(int type, int flags, int stream, byte... payload) {
    pending.writeBytes(
        ByteBuffer.allocate(9)
            .put((byte) (payload.length >> 16))
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .array());
    pending.writeBytes(payload);
  }

  /** The head of a call. */
  void call(int stream, String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    field(block, ":method", "POST");
    field(block, ":scheme", "https");
    field(block, ":path", path);
    field(block, ":authority", "x");
    field(block, "content-type", "application/grpc");
    field(block, "te", "trailers");
    frame(HEADERS, END_HEADERS, stream, block.toByteArray());
  }

  /** A literal, as in RFC 7541, section 6.2.2. */
  private static void field(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    for (String text : List.of(name, value)) {
      block.write(text.length());
      block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  void flush() throws IOException {
    byte[] bytes = pending.toByteArray();
    pending.reset();
    socket.getOutputStream().write(bytes);
  }

  /** Reads until such a frame has come; false if the server hangs up before. */
  boolean awaitFrame(int type) throws IOException {
    InputStream in = socket.getInputStream();
    while (true) {
      byte[] head = in.readNBytes(9);
      if (head.length < 9) {
        return false;
      }
      in.skipNBytes((head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | (head[2] & 0xff));
      if (head[3] == type) {
        return true;
      }
    }
  }

  /** Reads until the server has hung up; an error of the connection is an end, too. */
  boolean awaitEnd() {
    try {
      InputStream in = socket.getInputStream();
      byte[] some = new byte[16 << 10];
      while (in.read(some) >= 0) {
        // Whatever it says.
      }
      return true;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (IOException ended) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
