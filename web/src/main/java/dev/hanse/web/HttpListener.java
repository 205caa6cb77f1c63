package dev.hanse.web;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * Listens for HTTP and answers with a {@link Router}'s routes, each on a virtual thread. Jetty gets
 * two platform threads for its selectors and one for its clock; buffers are on the heap and small,
 * since most of the daemons this runs in are idle most of the time.
 */
public final class HttpListener implements AutoCloseable {
  /** Where to listen. */
  public sealed interface Endpoint {
    /** A unix socket, mode 0660, of a group where that exists. */
    record UnixSocket(Path path, String group) implements Endpoint {}

    /** TCP in plain text: who can connect is root. Only by explicit wish. */
    record PlainTcp(InetSocketAddress address) implements Endpoint {}

    /** TCP with TLS in which the client must show a certificate of {@code caFile}. */
    record MutualTls(InetSocketAddress address, Path caFile, Path certificateFile, Path keyFile)
        implements Endpoint {}
  }

  /** Longest request line and headers together; registry credentials travel in a header. */
  static final int HEADER_BYTES_MAX = 64 << 10;

  /** Of each end point; connections beyond this wait in the socket's backlog. */
  static final int CONNECTIONS_MAX = 4096;

  /** How long a kept-alive connection, a half-sent head or a stalled body may be silent. */
  static final long IDLE_MS = 300_000;

  private static final int BUFFER_BYTES = 8 << 10;

  private final Server server;
  private final List<UnixSocketFile> socketFiles;

  private HttpListener(Server server, List<UnixSocketFile> socketFiles) {
    this.server = server;
    this.socketFiles = socketFiles;
  }

  /**
   * Starts listening on all end points.
   *
   * @throws IOException if one of them is in use or cannot be made; none is left open then
   */
  public static HttpListener start(List<Endpoint> endpoints, Router router, Dialect dialect)
      throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(4 + 2 * endpoints.size(), 1);
    threads.setName("http");
    threads.setDaemon(true);
    threads.setReservedThreads(0);
    threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("request-"));
    Server server =
        new Server(
            threads,
            new ScheduledExecutorScheduler("http-clock", true),
            new ArrayByteBufferPool(0, 4096, 65536, 64, 1 << 20, 1 << 20));
    server.setStopAtShutdown(false);
    server.setHandler(new Dispatcher(router, dialect));
    server.setErrorHandler(new PlainErrors(dialect));
    List<UnixSocketFile> socketFiles = new ArrayList<>();
    HttpListener listener = new HttpListener(server, socketFiles);
    try {
      for (Endpoint endpoint : endpoints) {
        Connector connector = listener.connector(endpoint);
        server.addConnector(connector);
        // One for each: whoever fills one does not close the others.
        server.addBean(new NetworkConnectionLimit(CONNECTIONS_MAX, connector));
      }
      server.start();
      for (UnixSocketFile file : socketFiles) {
        file.restrict();
      }
      return listener;
    } catch (Exception e) {
      listener.close();
      throw e instanceof IOException io ? io : new IOException("cannot listen: " + e, e);
    }
  }

  private Connector connector(Endpoint endpoint) throws IOException {
    LenientConnections http = new LenientConnections(configuration());
    http.setInputBufferSize(BUFFER_BYTES);
    return switch (endpoint) {
      case Endpoint.UnixSocket(Path path, String group) -> {
        UnixSocketFile file = new UnixSocketFile(path, group);
        file.prepare();
        socketFiles.add(file);
        UnixDomainServerConnector connector = new UnixDomainServerConnector(server, 0, 1, http);
        connector.setUnixDomainPath(path);
        connector.setAcceptQueueSize(128);
        connector.setIdleTimeout(IDLE_MS);
        yield connector;
      }
      case Endpoint.PlainTcp(InetSocketAddress address) -> tcp(address, http);
      case Endpoint.MutualTls(
              InetSocketAddress address,
              Path caFile,
              Path certificateFile,
              Path keyFile) -> {
        SslConnectionFactory tls =
            new SslConnectionFactory(
                TlsFiles.mutual(caFile, certificateFile, keyFile), http.getProtocol());
        tls.setDirectBuffersForEncryption(false);
        tls.setDirectBuffersForDecryption(false);
        ServerConnector connector = tcp(address, tls, http);
        connector.addBean(new HandshakePlaces(server.getScheduler()));
        yield connector;
      }
    };
  }

  private ServerConnector tcp(InetSocketAddress address, ConnectionFactory... factories) {
    ServerConnector connector = new ServerConnector(server, 0, 1, factories);
    connector.setHost(address.getHostString());
    connector.setPort(address.getPort());
    connector.setIdleTimeout(IDLE_MS);
    return connector;
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setSendXPoweredBy(false);
    configuration.setRequestHeaderSize(HEADER_BYTES_MAX);
    configuration.setOutputBufferSize(BUFFER_BYTES);
    configuration.setUseInputDirectByteBuffers(false);
    configuration.setUseOutputDirectByteBuffers(false);
    // Paths are decoded by us; clients put paths and odd names of sockets into Host.
    configuration.setUriCompliance(UriCompliance.UNSAFE);
    configuration.setHttpCompliance(
        HttpCompliance.RFC9110.with(
            "lenient",
            HttpCompliance.Violation.UNSAFE_HOST_HEADER,
            HttpCompliance.Violation.MISMATCHED_AUTHORITY));
    return configuration;
  }

  /** The TCP port of the first TCP end point, for tests that listen on port 0. */
  Optional<Integer> tcpPort() {
    for (Connector connector : server.getConnectors()) {
      if (connector instanceof ServerConnector tcp) {
        return Optional.of(tcp.getLocalPort());
      }
    }
    return Optional.empty();
  }

  /** Stops listening and cuts what is open; the unix socket's file is removed. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("stopping the HTTP listener", e);
    }
  }
}
