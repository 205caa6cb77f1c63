package dev.hanse.docker.remote;

import dev.hanse.agent.dispatch.EngineDoor;
import dev.hanse.web.Dialect;
import dev.hanse.web.HttpListener;
import dev.hanse.web.Router;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The part of the API that managers may use on this node, on a socket that only this daemon can
 * reach: another listener with fewer routes, so that no request can mean one of the others. It
 * begins to listen when it is first asked.
 */
public final class ManagersDoor implements EngineDoor, AutoCloseable {
  private final Path socket;
  private final Router routes = new Router();
  private final Dialect dialect;
  private Optional<HttpListener> listener = Optional.empty();
  private boolean closed;

  /**
   * Nothing listens yet.
   *
   * @param api the routes of the whole API; those that managers may use are taken
   * @param directory of the socket; closed to others
   */
  public ManagersDoor(Router api, Dialect dialect, Path directory) {
    this.socket = directory.resolve("api.sock");
    this.dialect = dialect;
    for (RemoteRoute each : RemoteRoute.ALL) {
      api.route(each.method(), each.template())
          .ifPresent(route -> routes.add(each.method(), each.template(), route));
    }
  }

  @Override
  public SocketChannel open() throws IOException {
    listen();
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  private synchronized void listen() throws IOException {
    if (closed) {
      throw new IOException("the daemon is stopping");
    }
    if (listener.isEmpty()) {
      listener =
          Optional.of(
              HttpListener.start(
                  List.of(new HttpListener.Endpoint.UnixSocket(socket, "root")), routes, dialect));
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    listener.ifPresent(HttpListener::close);
    listener = Optional.empty();
  }
}
