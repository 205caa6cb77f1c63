package dev.hanse.web;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.hanse.bounds.Places;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps those who have shown no certificate from taking the places of those who have: connections
 * in their handshake compete with each other only, and for a few seconds.
 */
final class HandshakePlaces implements Connection.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(HandshakePlaces.class);

  static final int HANDSHAKES_MAX = 256;
  static final long HANDSHAKE_MS = 10_000;

  private final Places<SslConnection> places = new Places<>(HANDSHAKES_MAX, HANDSHAKES_MAX);
  private final Scheduler clock;

  HandshakePlaces(Scheduler clock) {
    this.clock = clock;
  }

  @Override
  public void onOpened(Connection connection) {
    if (!(connection instanceof SslConnection tls)) {
      return;
    }
    Scheduler.Task end =
        clock.schedule(() -> cut(tls, "its handshake takes too long"), HANDSHAKE_MS, MILLISECONDS);
    tls.addHandshakeListener(
        new SslHandshakeListener() {
          @Override
          public void handshakeSucceeded(Event event) {
            end.cancel();
            places.free(tls);
          }
        });
    places
        .take(source(tls.getEndPoint().getRemoteSocketAddress()), tls)
        .ifPresent(out -> close(out, "too many handshakes"));
  }

  @Override
  public void onClosed(Connection connection) {
    if (connection instanceof SslConnection tls) {
      places.free(tls);
    }
  }

  /** Only who still has a place is still in its handshake. */
  private void cut(SslConnection tls, String reason) {
    if (places.free(tls)) {
      close(tls, reason);
    }
  }

  private static void close(SslConnection tls, String reason) {
    LOG.debug("closed {}: {}", tls.getEndPoint().getRemoteSocketAddress(), reason);
    tls.getEndPoint().close();
  }

  private static Object source(SocketAddress address) {
    return address instanceof InetSocketAddress ip ? Places.source(ip.getAddress()) : address;
  }
}
