package dev.hanse.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * Connections whose requests may have an empty {@code Host}, as Go's server allows it: the docker
 * command line sent one with exec and attach until version 24.0.4 (docker/cli 4369), and Debian 12
 * has 20.10. The host means nothing here, since paths alone choose the route.
 */
final class LenientConnections extends HttpConnectionFactory {
  LenientConnections(HttpConfiguration configuration) {
    super(configuration);
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    HttpConnection connection = new LenientConnection(getHttpConfiguration(), connector, endPoint);
    connection.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
    return configure(connection, connector, endPoint);
  }

  private static final class LenientConnection extends HttpConnection {
    /** Set while the super class is constructed, which is also when the parser is made. */
    private HttpConnection.@Nullable RequestHandler handler;

    LenientConnection(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
      super(configuration, connector, endPoint);
    }

    @Override
    protected HttpConnection.RequestHandler newRequestHandler() {
      HttpConnection.RequestHandler made = super.newRequestHandler();
      handler = made;
      return made;
    }

    @Override
    protected HttpParser newHttpParser(HttpCompliance compliance) {
      HttpConfiguration configuration = getHttpConfiguration();
      HttpParser parser =
          new LenientParser(
              Objects.requireNonNull(handler), configuration.getRequestHeaderSize(), compliance);
      parser.setHeaderCacheSize(configuration.getHeaderCacheSize());
      parser.setHeaderCacheCaseSensitive(configuration.isHeaderCacheCaseSensitive());
      return parser;
    }
  }

  private static final class LenientParser extends HttpParser {
    private static final byte[] EMPTY_HOST = "host: \r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CASE = 0x20;

    LenientParser(RequestHandler handler, int headerBytesMax, HttpCompliance compliance) {
      super(handler, headerBytesMax, compliance);
    }

    @Override
    protected boolean parseFields(ByteBuffer buffer) {
      fillEmptyHost(buffer);
      return super.parseFields(buffer);
    }

    /** Puts a dash in the place of the blank, up to the empty line that ends the head. */
    private static void fillEmptyHost(ByteBuffer buffer) {
      int line = buffer.position();
      for (int at = line; at < buffer.limit(); at++) {
        if (buffer.get(at) != '\n') {
          continue;
        }
        if (at - line + 1 == EMPTY_HOST.length && isEmptyHost(buffer, line)) {
          buffer.put(at - 2, (byte) '-');
          return;
        }
        if (at - line <= 1) {
          return;
        }
        line = at + 1;
      }
    }

    private static boolean isEmptyHost(ByteBuffer buffer, int line) {
      for (int i = 0; i < EMPTY_HOST.length; i++) {
        byte wanted = EMPTY_HOST[i];
        int found = buffer.get(line + i);
        if ((wanted >= 'a' ? found | CASE : found) != wanted) {
          return false;
        }
      }
      return true;
    }
  }
}
